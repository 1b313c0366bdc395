import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as E from "../../../lib/ffi/errno.ts";
import { SYSTEMS } from "../../../lib/ffi/systems.ts";
import {
  remedyFor,
  silenceRemedy,
} from "../../../lib/socket/system/remedies.ts";

/** A failed call, and the tool that each system has for it. */
const CASES: [syscall: string, errno: number, ...tools: string[]][] = [
  ["socket", E.EPERM, "setpriv", "Run as administrator", "sudo"],
  ["socket", E.EACCES, "CAP_NET_RAW", "administrators", "root"],
  ["sendto", E.ENETUNREACH, "`ip route get", "`route print`", "`route -n get"],
  ["sendto", E.EHOSTUNREACH, "`ip route add`", "`route add`", "`route add`"],
  ["bind", E.EADDRNOTAVAIL, "`ip address`", "`ipconfig`", "`ifconfig`"],
  ["bind", E.EINVAL, "`ip -6 address`", "`ipconfig`", "`ifconfig`"],
  ["sendto", E.EMSGSIZE, "`ip link`", "netsh interface ipv4", "`ifconfig`"],
  ["sendto", E.ENETDOWN, "`ip link`", "ncpa.cpl", "`ifconfig`"],
  ["sendto", E.EPERM, "nft list", "netsh advfirewall", "pfctl"],
  ["sendto", E.ENOBUFS, "tc -s qdisc", "send slower", "send slower"],
  ["socket", E.EPROTONOSUPPORT, "Linux has", "Windows has", "macOS has"],
];

Deno.test("remedyFor() names the tools that the system has", () => {
  for (const [syscall, errno, ...tools] of CASES) {
    for (const [i, os] of Object.values(SYSTEMS).entries()) {
      const remedy = remedyFor({ syscall, errno }, os);
      assertStringIncludes(remedy ?? "", tools[i], `${os.name}, ${syscall}`);
      const isForeign = os !== SYSTEMS.linux &&
        /\bip (-6 )?(route|link|addr)|nft|tc -s/
          .test(remedy!);
      assert(!isForeign, `${os.name}: ${remedy}`);
    }
  }
});

Deno.test("remedyFor() says what Windows' own echo requests may lack", () => {
  const failure = { syscall: "sendto", errno: E.EIO };
  const remedy = remedyFor(failure, SYSTEMS.windows)!;
  assertStringIncludes(remedy, "did not send the last echo request");
  assertEquals(remedyFor(failure, SYSTEMS.linux), undefined);
});

Deno.test("silenceRemedy() gives Windows' firewall a rule", () => {
  assertStringIncludes(
    silenceRemedy(253, SYSTEMS.windows)!,
    "netsh advfirewall firewall add rule name=raw4 dir=in action=allow " +
      "protocol=253",
  );
  assertEquals(silenceRemedy(253, SYSTEMS.linux), undefined);
  assertEquals(silenceRemedy(253, SYSTEMS.darwin), undefined);
});
