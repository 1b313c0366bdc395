import { assert, assertEquals } from "@std/assert";
import { renderSniff } from "../../../lib/render/tools/sniff.ts";
import { LINK_TYPE_LINUX_SLL2 } from "../../../lib/wire/link_types.ts";

Deno.test("renderSniff() says where it listens in 80 columns", () => {
  const opened = {
    type: "opened",
    device: null,
    linkType: LINK_TYPE_LINUX_SLL2,
    snapLength: 262_144,
  } as const;
  assertEquals(renderSniff(opened, {}).split("\n"), [
    "listening on any, link-type Linux cooked-mode capture v2, snapshot length 262144",
    "    bytes",
  ]);
  const places = Array.from({ length: 9 }, (_, i) => ({
    device: "eth0",
    namespace: `router${i}`,
    name: undefined,
  }));
  for (const line of renderSniff({ ...opened, places }, {}).split("\n")) {
    assert(line.length <= 80, line);
  }
});
