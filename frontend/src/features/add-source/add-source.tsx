import { useState } from "react";
import type { Access, SourceConfig } from "../../backend";
import { useView } from "../../state/app";
import { go } from "../../state/route";
import { IconButton } from "../../ui/button";
import { IconCheck, IconX } from "../../ui/icons";
import { Gap, Note, PageBar } from "../../ui/page";
import { AccessStep } from "./access-step";
import styles from "./add-source.module.css";
import { type Choice, choiceFor } from "./choice";
import { ChooseStep } from "./choose-step";
import { PreviewStep } from "./preview-step";

const steps = ["Access", "What to follow", "Preview"];

/** Adding a source, in three steps; nothing is followed before the last one. repository is what to begin with. */
export function AddSource({ repository = "" }: { repository?: string }) {
  const taken = useView((view) => view.sources).map((s) => s.name);
  const [step, setStep] = useState(0);
  const [text, setText] = useState(repository);
  const [access, setAccess] = useState<Access>();
  const [choice, setChoice] = useState<Choice>();
  const [config, setConfig] = useState<SourceConfig>();
  const leave = () => go({ page: "all" });
  return (
    <>
      <PageBar>
        <h1>Add a source</h1>
        {access && <Note>{`${access.repo.owner}/${access.repo.name}`}</Note>}
        <Gap />
        <Steps at={step} />
        <Gap />
        <IconButton label="Cancel" size="sm" onClick={leave}>
          <IconX />
        </IconButton>
      </PageBar>
      {step === 0 && (
        <AccessStep
          text={text}
          setText={setText}
          onCancel={leave}
          onDone={(access) => {
            setAccess(access);
            // Another repository begins anew; the same one keeps what was chosen.
            setChoice((held) =>
              held && held.text === text.trim() ? held : choiceFor(text.trim(), access, taken),
            );
            setStep(1);
          }}
        />
      )}
      {step === 1 && access && choice && (
        <ChooseStep
          first={access}
          choice={choice}
          setChoice={setChoice}
          taken={taken}
          onBack={() => setStep(0)}
          onDone={(config) => {
            setConfig(config);
            setStep(2);
          }}
        />
      )}
      {step === 2 && access && config && choice && (
        <PreviewStep repo={access.repo} config={config} choice={choice} onBack={() => setStep(1)} />
      )}
    </>
  );
}

function Steps({ at }: { at: number }) {
  return (
    <ol className={styles.steps} aria-label="Steps">
      {steps.map((name, i) => (
        <li
          key={name}
          data-done={i < at || undefined}
          data-on={i === at || undefined}
          aria-current={i === at ? "step" : undefined}
        >
          <span aria-hidden="true">{i < at ? <IconCheck size={10} stroke={2.5} /> : i + 1}</span>
          <b>{name}</b>
        </li>
      ))}
    </ol>
  );
}
