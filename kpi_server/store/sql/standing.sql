-- Whether an observation stands for its cell. A condition; {{row}} is the observation, {{number}} unused.
{row}.ended_in is null
