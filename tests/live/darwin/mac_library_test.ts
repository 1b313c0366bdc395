/** The library's sockets on macOS: on the shim, in labs, beside Linux's. */

import { assertEquals } from "@std/assert";
import { Mac, MAC_NEEDS } from "../../ffi/darwin/mac.ts";
import { ROOTS_GROUP, setKernel } from "../hosts.ts";
import { liveTest, ROOT, ROOT_URL, run } from "../live.ts";
import { pair } from "../socket/socket_support.ts";

/** What every program begins with. */
const BEGINNING = `
import * as raw4 from "${ROOT_URL}mod.ts";
const SOON = { timeoutMs: 30000 };
const octets = (text) => new TextEncoder().encode(text);
const textOf = ({ bytes }) => new TextDecoder().decode(bytes.subarray(20));
const say = (...what) => console.log(JSON.stringify(what));
using receiver = raw4.RawSocket.open({ protocol: 253 });
using sender = raw4.RawSocket.open({ protocol: 253, ttl: 9, trafficClass: 8 });
const send = (text) => sender.send(octets(text), "127.0.0.1");
`;

/** Programs that say the same on every system. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "a datagram has its addresses, its time and its interface": `
    const before = BigInt(Date.now()) * 1_000_000n;
    send("Hello");
    const got = await receiver.receive(SOON);
    const { source, destination, interfaceIndex, truncated, timestampNs } = got;
    say(source, destination, interfaceIndex, truncated, textOf(got));
    say(timestampNs > before - 10_000_000n, timestampNs < before + 10n ** 11n);
    const { header } = raw4.decodeIPv4(got.bytes);
    say(header.ttl, header.dscp, header.totalLength, header.fragmentOffset);`,

  "many packets arrive in their order, and those that are too long cut": `
    using short = raw4.RawSocket.open({ protocol: 253, snapLength: 24 });
    const packets = Array.from({ length: 100 }, (_, i) => ({
      bytes: octets("packet " + i),
      destination: "127.0.0.1",
    }));
    say(await sender.sendMany(packets));
    const got = [];
    while (got.length < 100) got.push(...await receiver.receiveBatch(SOON));
    say(got.map(textOf).every((text, i) => text === "packet " + i));
    const { bytes, truncated } = short.receiveSync(SOON);
    say(bytes.length, truncated);`,

  "a filter lets through what it shall, from when it is attached": `
    send("before");
    receiver.attachFilter([
      { code: 0x30, jt: 0, jf: 0, k: 20 },
      { code: 0x15, jt: 0, jf: 1, k: "a".charCodeAt(0) },
      { code: 0x06, jt: 0, jf: 0, k: 65535 },
      { code: 0x06, jt: 0, jf: 0, k: 0 },
    ]);
    for (const fruit of ["apple", "banana", "cherry", "apricot"]) send(fruit);
    const next = async () => textOf(await receiver.receive(SOON));
    const seen = [await next()];
    if (seen[0] === "before") seen[0] = await next();
    say(seen, await next());
    receiver.detachFilter();
    send("banana");
    say(await next());`,

  "who waits already is woken as others come and go": `
    using other = raw4.RawSocket.open({ protocol: 254 });
    const first = receiver.receive(SOON);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const second = other.receive(SOON);
    using third = raw4.RawSocket.open({ protocol: 252 });
    const never = third.receive(SOON).catch((error) => error.name);
    await new Promise((resolve) => setTimeout(resolve, 50));
    third.close();
    using sending = raw4.RawSocket.open({ protocol: 254 });
    sending.send(octets("second"), "127.0.0.1");
    say(textOf(await second), await never);
    send("first");
    say(textOf(await first));`,

  "ICMP sockets ask and are answered, raw or not, of both families": `
    const { ICMPv4Socket, ICMPv6Socket, ICMPRequest, AsyncSocket } = raw4;
    for (const privileged of [true, false]) {
      for (const [Socket, to] of [[ICMPv4Socket, "127.0.0.1"], [ICMPv6Socket, "::1"]]) {
        using socket = new Socket({ privileged });
        const request = new ICMPRequest(to, { id: 7, sequence: 3, ttl: 20 });
        socket.send(request);
        const reply = socket.receive(request, SOON);
        say(reply.source, reply.sequence, reply.type, reply.bytesReceived, reply.ttl);
        using waiting = new AsyncSocket(socket);
        waiting.send(new ICMPRequest(to, { id: 7, sequence: 4 }));
        say((await waiting.receive(undefined, SOON)).family);
      }
    }`,

  "of two ping sockets each hears of its own echo alone": `
    const { ICMPv4Socket, ICMPRequest } = raw4;
    using one = new ICMPv4Socket({ privileged: false });
    using two = new ICMPv4Socket({ privileged: false });
    one.send(new ICMPRequest("127.0.0.1", { id: 1, sequence: 1 }));
    two.send(new ICMPRequest("127.0.0.1", { id: 2, sequence: 2 }));
    say(two.receive(undefined, SOON).sequence);
    say(one.receive(undefined, SOON).sequence);`,

  "a socket may send without blocking, and to many only with leave": `
    say(sender.blocking);
    sender.blocking = false;
    say(sender.blocking);
    const name = (act) => { try { act(); } catch (error) { return error.name; } };
    using many = raw4.RawSocket.open({ protocol: 250 });
    const broadcast = () => many.send(octets("all"), "1.1.1.255");
    say(name(broadcast));
    many.broadcast = true;
    say(name(broadcast) ?? "sent");
    sender.ttl = 77;
    send("Hello");
    const { header } = raw4.decodeIPv4((await receiver.receive(SOON)).bytes);
    say(header.destination, header.ttl);
    const route = raw4.routeTo("127.0.0.1");
    say(route.source, route.mtu, route.ttl, route.isBroadcast);`,
};

await liveTest(
  "the library does on macOS what it does on Linux",
  MAC_NEEDS,
  async () => {
    await using mac = await Mac.make();
    await using lab = await pair();
    const group = { "net.ipv4.ping_group_range": ROOTS_GROUP };
    await setKernel(lab, "receiver", group);
    for (const [what, body] of Object.entries(PROGRAMS)) {
      // Whoever sends many waits where there is no room; a Mac's first try fails.
      const isRefused = body.includes("sendMany");
      const environment = ["env", `SHIM_NO_BUFFERS=${isRefused ? 3 : 0}`];
      const said = await Promise.all(
        [mac.preload, undefined].map(async (preload) => {
          const flags = preload === undefined ? [] : [`--preload=${preload}`];
          const command = [
            ...environment,
            ...[
              Deno.execPath(),
              "run",
              "--quiet",
              "--allow-ffi",
              ...flags,
              "-",
            ],
          ];
          // Each in a host of its own, or they would hear each other.
          const host = preload === undefined ? "receiver" : "sender";
          const input = BEGINNING + body;
          const options = { input, cwd: ROOT };
          const { code, stdout, stderr } = await run(
            lab.inside(host, command),
            options,
          );
          assertEquals([code, stderr], [0, ""], what);
          return stdout;
        }),
      );
      assertEquals(said[0], said[1], what);
    }
  },
);

const LACKING = `
import * as raw4 from "${ROOT_URL}mod.ts";
const told = (act) => {
  try { act(); } catch (error) { console.log(error.name, error.message); }
};
told(() => raw4.PacketSocket.open({ device: "lo" }));
told(() => raw4.RawSocket.open({ protocol: 253, namespace: "there" }));
told(() => raw4.RawSocket.open({ protocol: 255, family: 6, headerIncluded: true }));
using socket = raw4.RawSocket.open({ protocol: 253 });
console.log(socket.dropped);
`;

await liveTest("the library says what macOS lacks", MAC_NEEDS, async () => {
  await using mac = await Mac.make();
  await using lab = await pair();
  const command = [
    Deno.execPath(),
    "run",
    "--allow-ffi",
    `--preload=${mac.preload}`,
  ];
  const { stdout } = await run(lab.inside("sender", [...command, "-"]), {
    input: LACKING,
    cwd: ROOT,
  });
  assertEquals(stdout.trimEnd().split("\n"), [
    "UnsupportedError macOS has packet sockets of another kind (BPF), which raw4 does not know",
    "UnsupportedError macOS has no network namespaces, which labs are made of",
    "UnsupportedError macOS sends no IPv6 packets with a header of their own",
    "undefined",
  ]);
});
