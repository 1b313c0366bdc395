import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  NameLookupError,
  PingSocket,
  resolve,
  routeTo,
  SocketError,
} from "../../../mod.ts";
import { ROOTS_GROUP, setKernel } from "../hosts.ts";
import { liveTest } from "../live.ts";
import { Programs, runToEnd } from "../process/socket_process.ts";
import {
  currentNamespace,
  inside,
  openDescriptors,
  pair,
  RECEIVER,
  RECEIVER6,
  SENDER,
  SENDER6,
} from "../socket/socket_support.ts";

await liveTest(
  "routeTo() gives the source and the MTU that the kernel would use",
  ["lab", "sysctl"],
  async () => {
    await using lab = await pair();
    const before = openDescriptors();
    const namespace = lab.namespace("sender");
    const usual = { isBroadcast: false, ttl: 64, discoversMTU: true };
    const eth0 = { source: SENDER, mtu: 1500, ...usual };
    assertEquals(routeTo(RECEIVER, { namespace }), eth0);
    assertEquals(routeTo("1.1.1.255", { namespace }), {
      ...eth0,
      isBroadcast: true,
    });
    assertEquals(routeTo("127.0.0.1", { namespace }), {
      source: "127.0.0.1",
      mtu: 65_535,
      ...usual,
    });
    assertEquals(routeTo(RECEIVER6, { namespace }), {
      source: SENDER6,
      mtu: 1500,
      ...usual,
    });
    await inside(lab, "sender", "ip link set eth0 mtu 1400");
    await inside(lab, "sender", "ip address add 1.1.1.50/24 dev eth0");
    await inside(
      lab,
      "sender",
      "ip route add 10.1.0.0/16 dev eth0 src 1.1.1.50",
    );
    assertEquals(routeTo(RECEIVER, { namespace }), { ...eth0, mtu: 1400 });
    assertEquals(routeTo("10.1.2.3", { namespace }), {
      source: "1.1.1.50",
      mtu: 1400,
      ...usual,
    });
    assertEquals(routeTo(RECEIVER, { namespace, device: "eth0" }).mtu, 1400);
    assertThrows(
      () => routeTo("127.0.0.1", { namespace, device: "eth7" }),
      SocketError,
      'cannot use the interface "eth7": No such device',
    );
    await inside(lab, "sender", "sysctl -qw net.ipv4.ip_no_pmtu_disc=1");
    assertEquals(routeTo(RECEIVER, { namespace }).discoversMTU, false);
    assertEquals(openDescriptors(), before);
  },
);

await liveTest("routeTo() of a link-local address asks the host for the zone", [
  "lab",
], async () => {
  await using lab = await pair();
  for (const [i, host] of ["sender", "receiver"].entries()) {
    await inside(lab, host, `ip address add fe80::${i + 1}/64 dev eth0 nodad`);
    const { source } = routeTo("fe80::9%eth0", {
      namespace: lab.namespace(host),
    });
    assertEquals(source, `fe80::${i + 1}%eth0`);
  }
});

await liveTest(
  "a link-local address without its zone is refused as what it is",
  [
    "lab",
  ],
  async () => {
    await using lab = await pair();
    const namespace = lab.namespace("sender");
    await setKernel(lab, "sender", {
      "net.ipv4.ping_group_range": ROOTS_GROUP,
    });
    using socket = PingSocket.open({ family: 6, namespace });
    const echo = Uint8Array.of(128, 0, 0, 0, 0, 0, 0, 0);
    for (const address of ["fe80::1", "ff02::1"]) {
      const asking = [
        () => routeTo(address, { namespace }),
        () => socket.send(echo, address),
      ];
      for (const ask of asking) {
        const { remedy } = assertThrows(ask, SocketError, "EINVAL");
        assertEquals(
          remedy,
          "A link-local address is one only with the interface that it is on, " +
            "as in fe80::1%eth0; `ip -6 address` shows both.",
        );
      }
    }
    // With it, the way is to blame.
    await inside(lab, "sender", "ip -6 rule add to fe80::7 blackhole");
    const device = "eth0";
    const ways = [
      () => routeTo("fe80::7%eth0", { namespace }),
      () => routeTo("fe80::7", { namespace, device }),
    ];
    for (const ask of ways) {
      const { remedy } = assertThrows(ask, SocketError, "EINVAL");
      assertEquals(
        remedy,
        "A blackhole route leads there: `ip route` shows it.",
      );
    }
  },
);

await liveTest(
  "routeTo() sends nothing",
  ["lab"],
  async () => {
    await using lab = await pair();
    const sent = () => inside(lab, "sender", "ip -j -s link show dev eth0");
    const before = JSON.parse(await sent())[0].stats64.tx.packets;
    for (let i = 1; i < 100; i++) {
      routeTo(`1.1.1.${i}`, { namespace: lab.namespace("sender") });
    }
    const after = JSON.parse(await sent())[0].stats64.tx.packets;
    // The kernel itself sends a few for IPv6.
    assert(after - before < 20, `${after - before} packets`);
  },
);

await liveTest("routeTo() refuses what is no address, and a way that is none", [
  "lab",
], async () => {
  await using lab = await pair();
  const before = openDescriptors();
  const namespace = lab.namespace("sender");
  for (const text of ["", "1.1", "1.1.1.1.1", "localhost", "::g", "1.1.1.1 "]) {
    const error = assertThrows(() => routeTo(text, { namespace }), RangeError);
    assert(error.message.includes(JSON.stringify(text)), error.message);
  }
  await inside(lab, "sender", "ip route add unreachable 10.1.0.0/16");
  for (
    const [address, code] of [["9.9.9.9", "ENETUNREACH"], [
      "10.1.2.3",
      "EHOSTUNREACH",
    ], ["2001:db9::1", "ENETUNREACH"]]
  ) {
    const error = assertThrows(() => routeTo(address, { namespace }));
    assert(error.message.includes(code), error.message);
  }
  assertEquals(openDescriptors(), before);
});

await liveTest(
  "resolve() knows localhost, by family, each address once",
  [],
  async () => {
    const own = currentNamespace();
    assertEquals(await resolve("localhost", { family: 4 }), ["127.0.0.1"]);
    const all = await resolve("localhost");
    assertEquals(all[0], "127.0.0.1");
    assertEquals(all.length, new Set(all).size);
    for (const address of all.slice(1)) assert(address.includes(":"), address);
    assertEquals(currentNamespace(), own);
  },
);

await liveTest(
  "resolve() gives all addresses of a name, IPv4 first, and those of one family",
  ["lab"],
  async () => {
    await using lab = await pair();
    await using programs = await Programs.create();
    const hosts = await programs.write(
      "hosts",
      "2001:db8::1 both six\n1.1.1.1 both four\n" +
        "1.1.1.2 both\n2001:db8::2 both\n1.1.1.1 both\n",
    );
    const command = await programs.command(
      `for (const name of ["both", "four", "six"]) {
      for (const family of [undefined, 4, 6]) {
        const found = await raw4.resolve(name, { family }).catch((e) => e);
        console.log(Array.isArray(found) ? found.join(" ") : found.name);
      }
    }`,
      "--allow-ffi",
    );
    const { stdout, stderr } = await runToEnd(lab.inside("sender", [
      "unshare",
      "--mount",
      "sh",
      "-c",
      `mount --bind ${hosts} /etc/hosts && exec "$@"`,
      "sh",
      ...command,
    ]));
    assertEquals(stderr, "");
    const [both, both4, both6, ...rest] = stdout.trimEnd().split("\n");
    const isSix = both.split(" ").map((address) => address.includes(":"));
    assertEquals(isSix, [false, false, true, true]);
    assertEquals(both4.split(" ").toSorted(), ["1.1.1.1", "1.1.1.2"]);
    assertEquals(both6.split(" ").toSorted(), ["2001:db8::1", "2001:db8::2"]);
    assertEquals(rest, [
      "1.1.1.1",
      "1.1.1.1",
      "NameLookupError",
      "2001:db8::1",
      "NameLookupError",
      "2001:db8::1",
    ]);
  },
);

await liveTest("resolve() of a name that nobody knows throws NameLookupError", [
  "lab",
], async () => {
  await using lab = await pair();
  // Inside the lab, where no name server can be reached.
  await using programs = await Programs.create();
  const command = await programs.command(
    `for (const family of [undefined, 4, 6]) {
      const error = await raw4.resolve("host.invalid", { family })
        .catch((error) => error);
      console.log(error instanceof raw4.NameLookupError, error.message);
      console.log(error.remedy);
    }`,
    "--allow-ffi",
  );
  const { code, stdout, stderr } = await runToEnd(
    lab.inside("sender", command),
  );
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.length, 6);
  for (let i = 0; i < 6; i += 2) {
    assertMatch(lines[i], /^true cannot resolve "host\.invalid": \S/);
    assertEquals(lines[i + 1], new NameLookupError("x", "y").remedy);
  }
});
