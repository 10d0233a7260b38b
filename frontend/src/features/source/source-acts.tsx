import { useMemo } from "react";
import type { SourceConfig, SourceView } from "../../backend";
import { useApp } from "../../state/app";
import { plural } from "../../state/format";
import { nameOf, wanted } from "../../state/forwards";
import { useIntent } from "../../state/intent";
import { go } from "../../state/route";
import type { Dialog } from "../../state/screen";

/** What a person can do with a source, beside what is in features/forwards/acts.tsx. */
export function useSourceActs() {
  const { backend, screen, store } = useApp();
  const intent = useIntent();
  return useMemo(() => {
    const open = (dialog: Dialog) => screen.set((s) => ({ ...s, dialog }));
    return {
      /** Shows what a sync would do. */
      preview: (source: string) => open({ kind: "preview", source }),
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
      /** Resolves to whether it was saved. */
      async save(config: SourceConfig): Promise<boolean> {
        const answer = await intent({
          key: `source:${config.name}`,
          run: () => backend.setSource(config),
          done: "Saved; it syncs now",
          failed: "The settings were not saved",
        });
        return answer !== undefined;
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

/** Some names, and how many more there are. */
export function names(all: readonly string[]): string {
  const more = all.length - 4;
  return more > 0 ? `${all.slice(0, 4).join(", ")} and ${more} more` : all.join(", ");
}
