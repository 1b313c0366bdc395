import { assertEquals, assertThrows } from "@std/assert";
import {
  Raw4Error,
  RawSocket,
  type RawSocketOptions,
  routeTo,
} from "../../../mod.ts";
import { liveTest } from "../live.ts";
import {
  currentNamespace,
  nextTexts,
  octets,
  openDescriptors,
  openIn,
  pair,
  RECEIVER,
} from "./socket_support.ts";

/** An option, values that it cannot have, and how the range is put. */
const OUT_OF_RANGE: [keyof RawSocketOptions, unknown[], string][] = [
  ["protocol", [-1, 256, 1.5, NaN], "a whole number from 0 to 255"],
  ["family", [0, 5, 10, NaN], "4 or 6"],
  ["ttl", [0, -1, 256, 1.5, NaN], "a whole number from 1 to 255"],
  ["trafficClass", [-1, 256, 0.1], "a whole number from 0 to 255"],
  ["receiveBufferBytes", [0, -1, 2 ** 30], "from 1 to 1073741823"],
  ["sendBufferBytes", [0, -1, 2 ** 30, Infinity], "from 1 to 1073741823"],
  ["snapLength", [0, -1, 65_536, 1.5], "a whole number from 1 to 65535"],
  ["device", ["", "longer-than-it-can-be", "eth0\0"], "1 to 15 octets"],
];

/** Everything else that a socket cannot be opened with. */
const REFUSED: Partial<RawSocketOptions>[] = [
  { protocol: 0 },
  { device: "nowhere0" },
  { bindAddress: "9.9.9.9" },
  { bindAddress: "1.1.1" },
  { bindAddress: "::1" },
  { bindAddress: "127.0.0.1%lo" },
  { family: 6, bindAddress: "127.0.0.1" },
  { family: 6, bindAddress: "2001:db8::9" },
  { family: 6, bindAddress: "fe80::1%nowhere0" },
  { family: 6, bindAddress: "fe80::1%lo%lo" },
  { family: 6, bindAddress: "fe80::1%" },
  { family: 6, bindAddress: "fe80::1%0" },
  { family: 6, bindAddress: "fe80::1%4294967297" },
  { namespace: "raw4-there-is-none" },
  { namespace: "" },
  { namespace: "." },
  { namespace: ".." },
  { namespace: "../netns/x" },
  { namespace: "a\0b" },
];

await liveTest(
  "RawSocket.open() names the option out of range, its range and the value, and opens nothing",
  ["lab"],
  () => {
    const before = openDescriptors();
    for (const [name, values, range] of OUT_OF_RANGE) {
      for (const value of values) {
        const options = { protocol: 253, [name]: value };
        const { message } = assertThrows(
          () => RawSocket.open(options),
          RangeError,
        );
        const shown = typeof value === "string" ? JSON.stringify(value) : value;
        assertEquals(message.startsWith(`${name} must be `), true, message);
        assertEquals(message.includes(range), true, message);
        assertEquals(message.endsWith(`, but is ${shown}`), true, message);
      }
    }
    assertEquals(openDescriptors(), before);
  },
);

await liveTest(
  "RawSocket.open() takes the ends of every range",
  ["lab"],
  async () => {
    await using lab = await pair();
    const before = openDescriptors();
    const options: Partial<RawSocketOptions>[] = [
      { protocol: 1, ttl: 1, trafficClass: 0, snapLength: 1 },
      { protocol: 254, ttl: 255, trafficClass: 255, snapLength: 65_535 },
      { family: 6, ttl: 1, trafficClass: 0, receiveBufferBytes: 1 },
      { family: 6, ttl: 255, trafficClass: 255, sendBufferBytes: 1 },
      { receiveBufferBytes: 2 ** 30 - 1, sendBufferBytes: 2 ** 30 - 1 },
    ];
    for (const each of options) {
      using _socket = openIn(lab, "sender", each);
      assertEquals(openDescriptors(), before + 1);
    }
    assertEquals(openDescriptors(), before);
  },
);

await liveTest(
  "RawSocket.open() leaves no descriptor behind when it fails",
  ["lab"],
  async () => {
    await using lab = await pair();
    const before = openDescriptors();
    for (const options of REFUSED) {
      for (const namespace of [undefined, lab.namespace("sender")]) {
        const error = assertThrows(() =>
          RawSocket.open({ protocol: 253, namespace, ...options })
        );
        const isOurs = error instanceof RangeError ||
          error instanceof Raw4Error;
        assertEquals(isOurs, true, `${error}`);
      }
    }
    assertEquals(openDescriptors(), before);
  },
);

await liveTest(
  "RawSocket.open() returns to the process's own namespace, also when it fails",
  ["lab"],
  async () => {
    await using lab = await pair();
    const namespace = lab.namespace("sender");
    const own = currentNamespace();
    const before = openDescriptors();
    const check = (when: string) =>
      assertEquals(currentNamespace(), own, `not in its own namespace ${when}`);
    RawSocket.open({ protocol: 253, namespace }).close();
    check("after opening");
    for (const options of REFUSED) {
      assertThrows(() =>
        RawSocket.open({ protocol: 253, namespace, ...options })
      );
      check(`after ${JSON.stringify(options)}`);
    }
    routeTo(RECEIVER, { namespace });
    check("after routeTo()");
    for (const destination of ["9.9.9.9", "1.1", "fe80::1%nowhere0"]) {
      assertThrows(() => routeTo(destination, { namespace }));
      check(`after routeTo() ${destination}`);
    }
    assertEquals(openDescriptors(), before);
  },
);

await liveTest(
  "RawSocket.open() takes no path for the name of a namespace",
  ["lab"],
  async () => {
    await using lab = await pair();
    const there = lab.namespace("sender");
    for (
      const namespace of [
        "",
        ".",
        "..",
        "a\0b",
        `../netns/${there}`,
        `./${there}`,
      ]
    ) {
      assertThrows(
        () => RawSocket.open({ protocol: 253, namespace }),
        RangeError,
        `not the name of a network namespace: ${JSON.stringify(namespace)}`,
      );
    }
  },
);

await liveTest(
  "RawSocket.open() gives each socket the namespace it was opened in",
  [
    "lab",
  ],
  async () => {
    await using lab = await pair();
    const names = ["sender", "receiver"];
    const sockets = names.map((host) => openIn(lab, host));
    for (const [i, host] of names.entries()) {
      sockets[i].send(octets(`I am ${host}`), "127.0.0.1");
    }
    for (const [i, host] of names.entries()) {
      assertEquals(await nextTexts(sockets[i], 1), [`I am ${host}`]);
      sockets[i].close();
    }
  },
);

await liveTest(
  "RawSocket.close() gives its descriptor back, once",
  ["lab"],
  async () => {
    await using lab = await pair();
    const before = openDescriptors();
    const socket = openIn(lab, "sender");
    await socket.receive({ timeoutMs: 1 }).catch(() => {});
    assertEquals(socket.isClosed, false);
    socket.close();
    assertEquals(socket.isClosed, true);
    using other = openIn(lab, "sender");
    // Closing again must not close the other, which has the same number now.
    socket.close();
    socket[Symbol.dispose]();
    other.send(octets("still open"), "127.0.0.1");
    assertEquals(await nextTexts(other, 1), ["still open"]);
    // The socket, and from the first wait on the eventfd of the process.
    assertEquals(openDescriptors() <= before + 2, true);
  },
);
