import { hintOf, sentence } from "../../state/format";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/parts";
import type { Asked } from "./use-answer";

/** What stands where an answer did not come, and the way to ask again. */
export function Failed({
  title,
  fault,
  again,
}: {
  title: string;
  fault: NonNullable<Asked<unknown>["fault"]>;
  again: () => void;
}) {
  return (
    <div role="alert">
      <Empty
        title={`${title}: ${sentence(fault.message)}`}
        actions={<Button onClick={again}>Try again</Button>}
      >
        {hintOf(fault) && <p>{hintOf(fault)}</p>}
      </Empty>
    </div>
  );
}
