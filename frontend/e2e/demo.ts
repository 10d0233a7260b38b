import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A world of its own: a pretend GitHub, a pretend cluster, and the real engine between them. */
export class Demo {
  private constructor(
    private readonly process: ChildProcess,
    /** Signs one browser in, once. */
    readonly link: string,
    /** Where the team's files are. */
    private readonly worktree: string,
    readonly repository: string,
  ) {}

  static async start(): Promise<Demo> {
    const program = process.env.PORTOLAN_PROGRAM;
    if (!program) throw new Error("PORTOLAN_PROGRAM names no program; go run ./build/dev test does");
    const child = spawn(program, ["demo", "--web", "127.0.0.1:0", "--output", "json"]);
    let log = "";
    child.stderr.on("data", (data) => {
      log += data;
    });
    const line = await new Promise<string>((resolve, reject) => {
      let out = "";
      child.stdout.on("data", (data) => {
        out += data;
        if (out.includes("\n")) resolve(out);
      });
      child.on("exit", (code) => reject(new Error(`the demo ended with ${code}: ${log}`)));
    });
    const { web, worktree, repository } = JSON.parse(line);
    return new Demo(child, web, worktree, repository);
  }

  /** Commits a change of one of the team's files: all that they say of from becomes to. */
  commit(file: string, from: string, to: string, message: string) {
    const path = join(this.worktree, file);
    const text = readFileSync(path, "utf8");
    if (!text.includes(from)) throw new Error(`${file} does not say ${from}`);
    writeFileSync(path, text.replaceAll(from, to));
    this.commitAll(message);
  }

  /** Commits that the team has no file any more. */
  commitNothing(message: string) {
    execFileSync("git", ["-C", this.worktree, "rm", "--quiet", "*.json"]);
    this.commitAll(message);
  }

  private commitAll(message: string) {
    const who = ["-c", "user.name=Mara Lindqvist", "-c", "user.email=mara@example.org"];
    execFileSync("git", [...who, "-C", this.worktree, "commit", "--quiet", "--all", "--message", message]);
  }

  /** Ends it, as Ctrl-C does; it leaves nothing behind. */
  async stop() {
    if (this.process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGINT");
    await ended;
  }
}
