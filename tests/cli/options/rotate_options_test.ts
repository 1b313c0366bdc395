import { assertEquals, assertThrows } from "@std/assert";
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { limit, rotationOf } from "../../../lib/cli/options/rotate_options.ts";
import { ScriptError } from "../../../lib/cli/exit.ts";

Deno.test("limit() reads sizes and times, and both", () => {
  assertEquals(limit("1k"), { octets: 1024 });
  assertEquals(limit("100M"), { octets: 104_857_600 });
  assertEquals(limit("2G"), { octets: 2 ** 31 });
  assertEquals(limit("90s"), { ms: 90_000 });
  assertEquals(limit("5min"), { ms: 300_000 });
  assertEquals(limit("1d", limit("1k")), { octets: 1024, ms: 86_400_000 });
  for (const text of ["", "1", "M", "0M", "1m", "1.5h", "-1k", "1ms", "1 k"]) {
    assertThrows(() => limit(text), InvalidArgumentError, "Wanted: a size");
  }
});

Deno.test("rotationOf() wants a file whose names do not contradict each other", () => {
  const rotate = { ms: 1000 };
  for (const write of ["x", "50%", "50%%H", "50%.pcap"]) {
    assertEquals(rotationOf({ write }), undefined);
  }
  for (const write of ["%Y-%m-%d_%H.%M.%S.pcap", "%s", "50%%.pcap", "50%"]) {
    assertEquals(rotationOf({ write, rotate }), { ms: 1000, files: undefined });
  }
  assertEquals(rotationOf({ write: "x", rotate, files: 3 }), {
    ms: 1000,
    files: 3,
  });
  const BAD: [flags: Parameters<typeof rotationOf>[0], said: string][] = [
    [{ write: "x", files: 3 }, "--files goes with --rotate"],
    [{ rotate }, "--rotate goes with --write, and the name of a file"],
    [{ write: "-", rotate }, "--rotate goes with --write"],
    [{ write: "%H", rotate, files: 3 }, "--files counts names"],
    [{ write: "%H%Q.pcap", rotate }, "%Q in %H%Q.pcap is no time"],
    [{ write: "50%.pcap", rotate }, "%. in 50%.pcap is no time"],
    [{ write: "%H.pcap" }, "the time in %H.pcap goes with --rotate"],
  ];
  for (const [flags, said] of BAD) {
    const { exitCode } = assertThrows(
      () => rotationOf(flags),
      ScriptError,
      said,
    );
    assertEquals(exitCode, 2);
  }
});
