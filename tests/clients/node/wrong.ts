// Each mistake is a type error: tsc refuses this file when one of them is not.
import { ask } from "./board.js";
import { BoardDocument, type BoardQuery, RisksByExposureDocument, type Status } from "./generated/operations.js";

export async function wrong(url: string, token: string, data: BoardQuery): Promise<void> {
  // @ts-expect-error: a variable is missing
  await ask(url, token, BoardDocument, { organization: "datainsight-pro" });
  // @ts-expect-error: a variable is of the wrong type
  await ask(url, token, BoardDocument, { organization: "datainsight-pro", first: "50" });
  // @ts-expect-error: there is no such variable
  await ask(url, token, BoardDocument, { organization: "datainsight-pro", first: 50, last: 50 });
  // @ts-expect-error: the variables are those of another document
  await ask(url, token, RisksByExposureDocument, { slug: 1 });
  // @ts-expect-error: the organization may be null
  data.organization.name;
  // @ts-expect-error: the field was not asked for
  data.organization?.kpis.nodes[0]?.definition;
  // @ts-expect-error: a value may be null
  const value: number | undefined = data.organization?.kpis.nodes[0]?.current.value;
  // @ts-expect-error: there is no such status
  const status: Status = "LATE";
  void [value, status];
}

export function right(data: BoardQuery): number | null | undefined {
  return data.organization?.kpis.nodes[0]?.current.value;
}
