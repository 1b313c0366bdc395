/** Puts all of mod.ts in scope, for the shell that `deno task repl` opens. */

// By its name: a shell takes paths from where it was opened.
import * as raw4 from "raw4";

/** Text that a shell shows as it is, rather than as a string in quotes. */
class Text extends String {
  [Symbol.for("Deno.customInspect")]() {
    return `${this}`;
  }
}

const asText =
  (render: typeof raw4.show) => (packet: raw4.ShowablePacket): Text =>
    new Text(render(packet));

Object.assign(globalThis, raw4, {
  show: asText(raw4.show),
  hexdump: asText(raw4.hexdump),
  diagram: asText(raw4.diagram),
});
console.log(`All of mod.ts is in scope, and await too. Try:
  const header = ipv4({ destination: "127.0.0.1", protocol: 253 })
  const packet = buildPacket(header, "Hi")
  show(packet)
  diagram(packet)
  hexdump(packet)`);
