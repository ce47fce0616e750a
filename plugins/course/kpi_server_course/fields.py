"""What the course family shows beside its metrics: how far those who enroll come."""

import strawberry

from kpi_server.api.types.family_view import FamilyView, Info, PeriodArgument, SegmentArgument, computed
from kpi_server.api.types.funnel import FunnelStep, funnel


@strawberry.type
class CourseFields(FamilyView):
    """What a chart of the students' way is drawn from."""

    @computed("Of the students whose course ended in a period those who enrolled, finished and were certified.")
    async def course_funnel(
        self, info: Info, period: PeriodArgument, segment: SegmentArgument = None
    ) -> list[FunnelStep] | None:
        keys = ("course_participants", "course_finishers", "certified_students")
        counted = await self.values(info, keys, period=period, segment=segment)
        return funnel(("Enrolled", "Completed", "Certified"), list(counted.values()))
