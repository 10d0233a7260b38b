import { useApp, useScreen, useView } from "../../state/app";
import type { Route } from "../../state/route";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/parts";
import { useActs } from "./acts";
import type { Listing } from "./use-lines";

/** What stands where no forward is listed. */
export function ListEmpty({ route, listing }: { route: Route; listing: Listing }) {
  const { screen, host } = useApp();
  const acts = useActs();
  const text = useScreen((s) => s.search);
  const filter = useScreen((s) => s.filter);
  const everywhere = useScreen((s) => s.everywhere);
  const source = useView((view) =>
    view.sources.find((s) => route.page === "environment" && s.name === route.source),
  );
  if (text && !listing.found.length) {
    const wide = route.page === "all" || everywhere;
    const where = wide
      ? "anywhere"
      : `in ${route.page === "environment" ? route.environment : "My forwards"}`;
    return (
      <Empty
        title={`Nothing matches “${text}” ${where}.`}
        actions={
          <>
            {!wide && (
              <Button onClick={() => screen.set((s) => ({ ...s, everywhere: true }))}>
                Search everywhere
              </Button>
            )}
            <Button onClick={() => screen.set((s) => ({ ...s, search: "", everywhere: false }))}>
              Clear
            </Button>
          </>
        }
      />
    );
  }
  if (listing.found.length) {
    const words = {
      needs: "Nothing needs you.",
      waiting: "Nothing is waiting.",
      up: "Nothing is up.",
      off: "Nothing is off.",
      all: "",
    };
    return <Empty title={words[filter]} />;
  }
  if (route.page === "environment") {
    const file = source?.environments.find((e) => e.name === route.environment)?.file;
    const { host: at, owner, name } = source?.repo ?? {};
    return (
      <Empty
        title={`${file ?? route.environment} has no forwards yet.`}
        actions={
          <>
            {source && (
              <Button onClick={() => host.open(`https://${at}/${owner}/${name}`)}>Open on GitHub</Button>
            )}
            <Button onClick={() => acts.create(route.environment)}>New forward</Button>
          </>
        }
      />
    );
  }
  return (
    <Empty
      title={route.page === "mine" ? "Forwards you add here stay on this computer." : "No forwards yet."}
      actions={
        <>
          <Button onClick={() => acts.create()}>New forward</Button>
          <Button onClick={acts.import}>Import</Button>
        </>
      }
    />
  );
}
