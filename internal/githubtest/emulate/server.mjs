// Starts the emulator on a free port of 127.0.0.1, prints its address, and ends
// when its standard input does, so that it never outlives the test that started
// it. By itself the emulator listens on every address of the machine; the only
// way to say otherwise is to say it for it.
//
//   node server.mjs SEED BASE_URL
import net from "node:net";
import { createEmulator } from "emulate";

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (_port, _host, ...rest) {
  this.once("listening", () => console.log(`http://127.0.0.1:${this.address().port}`));
  return listen.call(this, 0, "127.0.0.1", ...rest);
};

process.stdin.on("end", () => process.exit(0)).resume();
const [seed, baseUrl] = process.argv.slice(2);
await createEmulator({ service: "github", port: 1, seed: JSON.parse(seed), baseUrl });
