import { useMemo } from "react";
import type { Revision, SourceView } from "../../backend";
import { useApp } from "../../state/app";
import { plural, shortSha } from "../../state/format";
import { nameOf, wanted } from "../../state/forwards";
import { useIntent } from "../../state/intent";
import { go } from "../../state/route";
import type { Dialog } from "../../state/screen";

/** See {@link useSourceActs}. */
export type SourceActs = ReturnType<typeof useSourceActs>;

/** What a person can do with a source, beside what is in features/forwards/acts.tsx. */
export function useSourceActs() {
  const { backend, screen, store } = useApp();
  const intent = useIntent();
  return useMemo(() => {
    const open = (dialog: Dialog) => screen.set((s) => ({ ...s, dialog }));
    return {
      /** Shows what a sync would do. */
      preview: (source: string) => open({ kind: "preview", source }),
      /** Shows what waits for a yes, or for a held source to go on. */
      review: (source: string) => open({ kind: "review", source }),
      hold(source: SourceView) {
        const { owner, name } = source.repo;
        void intent({
          key: `source:${source.name}`,
          run: () => backend.holdSource(source.name),
          done: `${owner}/${name} is held at ${shortSha(source.commit.sha)}`,
          undo: true,
          failed: `${owner}/${name} is not held`,
        });
      },
      resume(source: SourceView) {
        const { owner, name } = source.repo;
        void intent({
          key: `source:${source.name}`,
          run: () => backend.resumeSource(source.name),
          done: (result) => {
            if (result.fault) return `${owner}/${name} goes on when it can be read again`;
            if (result.waits) return `${owner}/${name} goes on; its changes wait for your yes`;
            return `${owner}/${name} goes on: ${plural(result.rows.length, "change")}`;
          },
          failed: `${owner}/${name} is still held`,
        });
      },
      /** Asks whether to bring a revision back; newest is the number of the one in force. */
      askRestore: (revision: Revision, newest: number) => open({ kind: "restore", revision, newest }),
      restore(source: SourceView, { number, commit }: Revision) {
        const { owner, name } = source.repo;
        void intent({
          key: `source:${source.name}`,
          run: () => backend.restore(source.name, number),
          done: `${owner}/${name} is held at ${shortSha(commit.sha)} again`,
          undo: true,
          failed: `${shortSha(commit.sha)} was not brought back`,
        });
      },
      /** Asks whether, and how, to remove a source. */
      remove: (source: string) => open({ kind: "remove-source", source }),
      removeNow(source: SourceView, keep: boolean) {
        const { owner, name } = source.repo;
        return intent({
          key: `source:${source.name}`,
          run: async () => {
            await backend.removeSource(source.name, keep);
            go({ page: keep ? "mine" : "all" });
          },
          done: keep
            ? `${owner}/${name} is no longer followed; its forwards are yours`
            : `Removed ${owner}/${name}`,
          undo: true,
          failed: `${owner}/${name} was not removed`,
        });
      },
      /** Asks for the yes to a commit without a single environment file. */
      confirmEmpty(source: SourceView) {
        const forwards = store.get().view.forwards.filter((f) => f.source === source.name);
        const running = forwards.filter(wanted);
        const { owner, name } = source.repo;
        open({
          kind: "confirm",
          question: {
            title: `Remove ${plural(forwards.length, "forward")} of ${owner}/${name}?`,
            note: "the repository is empty",
            tone: "bad",
            icon: "trash",
            text: "The newest commit has no environment file. That may be a mistake, so it was not applied.",
            facts: [
              ["goes", plural(forwards.length, "forward")],
              ["runs", running.length ? names(running.map(nameOf)) : "none of them"],
            ],
            yes: "Remove them",
            no: "Keep them",
            act: () =>
              intent({
                key: `source:${source.name}`,
                run: () => backend.confirmSource(source.name),
                done: (result) => (result.fault ? undefined : `${owner}/${name} is empty now`),
                failed: `${owner}/${name} stays as it is`,
              }),
          },
        });
      },
    };
  }, [backend, screen, store, intent]);
}

/** That changes wait for a yes: "3 changes wait for your yes". */
export function waitingWords(changes: number): string {
  return `${plural(changes, "change")} ${changes === 1 ? "waits" : "wait"} for your yes`;
}

/** Some names, and how many more there are. */
export function names(all: readonly string[]): string {
  const more = all.length - 4;
  return more > 0 ? `${all.slice(0, 4).join(", ")} and ${more} more` : all.join(", ");
}
