import { assert, assertEquals, assertRejects } from "@std/assert";
import { resolve, reverseResolve } from "../../../lib/socket/kernel/resolve.ts";

/** Without a permission nothing can be looked up: what works, works without. */
const nothing = { permissions: "none" } as const;

Deno.test(
  "resolve() gives an address back as it is, without a look-up",
  nothing,
  async () => {
    const addresses = [
      "0.0.0.0",
      "1.1.1.1",
      "255.255.255.255",
      "::",
      "::1",
      "2001:db8::1",
      "2001:DB8:0:0:0:0:0:1",
      "::ffff:1.1.1.1",
    ];
    for (const address of addresses) {
      assertEquals(await resolve(address), [address]);
      const family = address.includes(":") ? 6 : 4;
      assertEquals(await resolve(address, { family }), [address]);
      await assertRejects(
        () => resolve(address, { family: family === 4 ? 6 : 4 }),
        RangeError,
        `${address} is no IPv${family === 4 ? 6 : 4} address`,
      );
    }
  },
);

Deno.test(
  "resolve() refuses what is neither an address nor a name, without a look-up",
  nothing,
  async () => {
    const bad = [
      "",
      ".",
      "..",
      " ",
      "a b",
      " localhost",
      "localhost ",
      "a..b",
      ".a",
      "a,b",
      "a/b",
      "a:b",
      "http://a",
      "a\0b",
      "a\nb",
      "\u202ea",
      // Addresses written wrong, which libc would read in the ways of 1983.
      "1",
      "1.1",
      "1.1.1",
      "1.1.1.1.",
      "1.1.1.1.1",
      "256.1.1.1",
      "1.1.1.01",
      "0x7f000001",
      "0x7f.1",
      "0X7F.0.0.1",
      "017700000001",
      "a.1",
      "a.0x1",
      "a.0x",
      "4294967295",
      "::g",
      "1::2::3",
      "[::1]",
      // Longer than RFC 1035 §2.3.4 lets a label and a name be.
      "a".repeat(64),
      `${"a".repeat(63)}.`.repeat(4),
    ];
    for (const host of bad) {
      for (const family of [undefined, 4, 6] as const) {
        const error = await assertRejects(
          () => resolve(host, { family }),
          RangeError,
        );
        assertEquals(
          error.message,
          `${JSON.stringify(host)} is neither an address nor a host name`,
        );
      }
    }
  },
);

Deno.test(
  "resolve() takes what can be a name, and looks it up",
  nothing,
  async () => {
    const names = [
      "localhost",
      "localhost.",
      "a",
      "A-b_c.example",
      "1.example",
      "3com.example",
      "0xg.example",
      "xn--bcher-kva.example",
      "bücher.example",
      "a".repeat(63),
      `${"a".repeat(62)}.`.repeat(4) + "a",
    ];
    for (const host of names) {
      const error = await assertRejects(
        () => resolve(host),
        Deno.errors.NotCapable,
      );
      assert(error.message.includes("--allow-ffi"), error.message);
    }
  },
);

Deno.test("an address of this host's has a name, another has none", async () => {
  assertEquals(await reverseResolve("127.0.0.1"), "localhost");
  await assertRejects(() => reverseResolve("localhost"), RangeError);
});
