import { assertEquals } from "@std/assert";
import * as linkTypes from "../../lib/wire/link_types.ts";

Deno.test("the link types have the numbers of the registry, and names", () => {
  const { linkTypeName, SLL2: _, ...constants } = linkTypes;
  const named = Object.entries(constants).map(
    ([constant, linkType]) => [linkType, constant, linkTypeName(linkType)],
  ).sort(([a], [b]) => Number(a) - Number(b));
  assertEquals(named, [
    [0, "LINK_TYPE_NULL", "BSD loopback"],
    [1, "LINK_TYPE_ETHERNET", "Ethernet"],
    [101, "LINK_TYPE_RAW", "Raw IP"],
    [108, "LINK_TYPE_LOOP", "OpenBSD loopback"],
    [113, "LINK_TYPE_LINUX_SLL", "Linux cooked-mode capture v1"],
    [228, "LINK_TYPE_IPV4", "Raw IPv4"],
    [229, "LINK_TYPE_IPV6", "Raw IPv6"],
    [276, "LINK_TYPE_LINUX_SLL2", "Linux cooked-mode capture v2"],
  ]);
  assertEquals(linkTypeName(65_535), undefined);
});
