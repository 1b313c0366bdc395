import {
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { ping } from "../../../mod.ts";
import { releaseIdentifier } from "../../../lib/socket/icmp/identifiers.ts";
import { takeIdentifier } from "../../../lib/socket/icmp/identifiers.ts";

Deno.test("takeIdentifier() gives none twice until it is released", () => {
  const taken = Array.from({ length: 1000 }, takeIdentifier);
  try {
    assertEquals(new Set(taken).size, taken.length);
    assertEquals(taken.every((id) => id >= 0 && id <= 0xffff), true);
  } finally {
    taken.forEach(releaseIdentifier);
  }
});

Deno.test("takeIdentifier() does not give one again soon", () => {
  const first = takeIdentifier();
  releaseIdentifier(first);
  const second = takeIdentifier();
  releaseIdentifier(second);
  assertEquals(second, (first + 1) % 0x10000);
});

Deno.test("takeIdentifier() begins somewhere else in each process", async () => {
  const module = new URL(
    "../../../lib/socket/icmp/identifiers.ts",
    import.meta.url,
  );
  const code = `import { takeIdentifier } from "${module}";
    console.log(takeIdentifier());`;
  const said = await Promise.all([1, 2, 3].map(async () => {
    const args = ["eval", code];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args })
      .output();
    return Number(new TextDecoder().decode(stdout));
  }));
  // That all three are one another's happens once in four billion runs.
  assertNotEquals(new Set(said).size, 1, `${said}`);
});

Deno.test("takeIdentifier() of all 65,536 throws, and recovers", async () => {
  const taken: number[] = [];
  try {
    for (let i = 0; i < 0x10000; i++) taken.push(takeIdentifier());
    assertEquals(new Set(taken).size, 0x10000);
    assertThrows(takeIdentifier, RangeError, "all 65536 ICMP identifiers");
    await assertRejects(
      () => ping("127.0.0.1", { count: 1 }).result,
      RangeError,
      "all 65536 ICMP identifiers",
    );
    const returned = taken[4711];
    releaseIdentifier(returned);
    assertEquals(takeIdentifier(), returned);
  } finally {
    taken.forEach(releaseIdentifier);
  }
});
