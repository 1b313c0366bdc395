import { assert, assertEquals, assertThrows } from "@std/assert";
import { supports } from "../../lib/ffi/supports.ts";
import { SYSTEMS } from "../../lib/ffi/systems.ts";
import {
  requireSupport,
  UnsupportedError,
} from "../../lib/socket/system/support.ts";

/** What people are told of, by system. */
const TOLD = {
  windows: [
    ["labs", "Windows has no network namespaces, which labs are made of"],
    ["packetSocket", "Windows shows no program what crosses an interface"],
    ["devices", "Windows binds no socket to an interface by its name"],
    ["tcpRaw", "Windows sends no TCP from raw sockets"],
    ["tcpReplies", "Windows shows raw sockets no TCP"],
    ["foreignUDP", "Windows drops UDP whose source is no address of its own"],
    ["rawIPv6", "Windows has no raw IPv6 sockets that raw4 can use"],
    ["linkMTU", "Windows does not tell what its link takes"],
    [
      "fastSending",
      "Windows has no way out that is faster than its raw sockets, or raw4 " +
      "knows none",
    ],
  ],
  darwin: [
    ["labs", "macOS has no network namespaces, which labs are made of"],
    [
      "packetSocket",
      "macOS has packet sockets of another kind (BPF), which raw4 does not know",
    ],
    ["tcpReplies", "macOS shows raw sockets no TCP"],
    ["udpReplies", "macOS shows raw sockets no UDP"],
    [
      "ipv6Headers",
      "macOS sends no IPv6 packets with a header of their own",
    ],
  ],
} as const;

Deno.test("Linux lacks nothing", () => {
  assertEquals(Object.keys(SYSTEMS.linux.lacks), []);
  if (Deno.build.os !== "linux") return;
  for (const [name, isThere] of Object.entries(supports)) assert(isThere, name);
});

Deno.test("requireSupport() says why a system cannot, and what to do", () => {
  for (const os of ["windows", "darwin"] as const) {
    for (const [capability, sentence] of TOLD[os]) {
      const error = assertThrows(
        () => requireSupport(capability, SYSTEMS[os]),
        UnsupportedError,
      );
      assertEquals(error.message, sentence);
      assert(error.remedy.endsWith("."), capability);
    }
    // Of what nobody asks for, nobody is told.
    requireSupport("tcpRaw", SYSTEMS.linux);
  }
});

Deno.test("nothing but two files of lib/ffi asks for the system", async () => {
  const asking: string[] = [];
  const look = async (folder: string) => {
    const url = new URL(`../../${folder}`, import.meta.url);
    for (const { name, isDirectory } of Deno.readDirSync(url)) {
      if (isDirectory) await look(`${folder}${name}/`);
      else if (name.endsWith(".ts")) {
        const text = await Deno.readTextFile(new URL(name, url));
        if (/Deno\.build\.os|\{ os \} = Deno\.build/.test(text)) {
          asking.push(folder + name);
        }
      }
    }
  };
  await look("lib/");
  await look("scripts/");
  assertEquals(asking.sort(), ["lib/ffi/own.ts", "lib/ffi/supports.ts"]);
});
