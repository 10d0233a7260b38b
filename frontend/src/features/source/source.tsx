import { PageBar, PageBody } from "../../ui/page";

/** The page of one source: its settings, environments and last syncs. */
export function Source({ name }: { name: string }) {
  return (
    <>
      <PageBar>
        <h1>{name}</h1>
      </PageBar>
      <PageBody>{null}</PageBody>
    </>
  );
}
