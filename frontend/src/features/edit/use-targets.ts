import { useEffect, useState } from "react";
import { asFault, type Fault, type KubeContext, type TargetQuery, type Targets } from "../../backend";
import { useApp } from "../../state/app";

/** What a cluster offers for a field, or why it does not say. */
export interface Offer {
  targets?: Targets;
  fault?: Fault;
}

/** Asks the cluster once typing has paused; an answer to an older question is dropped. */
export function useTargets(query: TargetQuery | undefined): Offer {
  const { backend } = useApp();
  const [offer, setOffer] = useState<Offer>({});
  const asked = JSON.stringify(query);
  useEffect(() => {
    const query = asked && (JSON.parse(asked) as TargetQuery);
    setOffer({});
    if (!query) return;
    const running = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const targets = await backend.targets(query, running.signal);
        if (!running.signal.aborted) setOffer({ targets });
      } catch (thrown) {
        if (!running.signal.aborted) setOffer({ fault: asFault(thrown) });
      }
    }, 250);
    return () => {
      clearTimeout(timer);
      running.abort();
    };
  }, [backend, asked]);
  return offer;
}

/** The contexts of this computer's kubeconfig. */
export function useContexts(): KubeContext[] {
  const { backend } = useApp();
  const [contexts, setContexts] = useState<KubeContext[]>([]);
  useEffect(() => {
    backend.contexts().then(
      (answer) => setContexts(answer.contexts),
      () => {}, // Typed values are taken all the same.
    );
  }, [backend]);
  return contexts;
}
