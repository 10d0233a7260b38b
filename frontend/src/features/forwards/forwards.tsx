import { useMemo } from "react";
import { useRoute, useView } from "../../state/app";
import { nameOf } from "../../state/forwards";
import type { Route } from "../../state/route";
import { PageBar, PageBody } from "../../ui/page";

/** The list of forwards: all, the person's own, or an environment's. */
export function Forwards({ route }: { route: Route }) {
  const forwards = useView((view) => view.forwards);
  const here = useMemo(
    () => forwards.filter((f) => route.page !== "environment" || f.environment === route.environment),
    [forwards, route],
  );
  return (
    <>
      <PageBar>
        <h1>{useRoute().page}</h1>
      </PageBar>
      <PageBody>
        {here.map((f) => (
          <div key={f.id}>{nameOf(f)}</div>
        ))}
      </PageBody>
    </>
  );
}
