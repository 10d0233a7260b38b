import { PageBar, PageBody } from "../../ui/page";

/** Adding a source; the first run where nothing is followed yet. */
export function AddSource({ first }: { first: boolean }) {
  return (
    <>
      <PageBar>
        <h1>{first ? "Follow your team’s port-forwards" : "Add a source"}</h1>
      </PageBar>
      <PageBody>{null}</PageBody>
    </>
  );
}
