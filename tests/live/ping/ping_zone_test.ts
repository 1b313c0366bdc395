/** Link-local addresses, and the interfaces that they are on. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ICMPRequest, ICMPv6Socket, ping } from "../../../mod.ts";
import {
  addLinkLocals,
  inHost,
  pairUp,
  ROOTS_GROUP,
  setKernel,
} from "../hosts.ts";
import { liveTest, run, script, unwrapped } from "../live.ts";
import { interfaceIndex } from "../socket/socket_support.ts";

const NEEDS = ["lab", "nsenter", "sysctl"];
const REPLY = "64 bytes from fe80::1%eth0: icmp_seq=1 ttl=64 time=T ms";

async function linked() {
  const lab = await pairUp();
  await addLinkLocals(lab);
  await setKernel(lab, "sender", { "net.ipv4.ping_group_range": ROOTS_GROUP });
  return lab;
}

/** A second link of the sender, so that a zone is wanted. */
async function secondLink(lab: Awaited<ReturnType<typeof linked>>) {
  for (
    const command of [
      "link add v0 type veth peer name v1",
      "link set v0 addrgenmode none",
      "link set v1 addrgenmode none",
      "link set v0 up",
      "link set v1 up",
      "address add fe80::5/64 dev v0 nodad",
    ]
  ) await inHost(lab, "sender", "ip", ...command.split(" "));
}

/** Arguments, and what the first line says of both ends. */
const ANSWERED: readonly [args: string[], first: string][] = [
  [["fe80::1%eth0"], "fe80::1%eth0(fe80::1%eth0)"],
  [
    ["-I", "eth0", "fe80::1"],
    "fe80::1(fe80::1%eth0) from fe80::100%eth0 eth0:",
  ],
  [
    ["-I", "fe80::100%eth0", "fe80::1"],
    "fe80::1(fe80::1%eth0) from fe80::100%eth0 eth0:",
  ],
  [
    ["-I", "fe80::100%eth0", "fe80::1%eth0"],
    "fe80::1%eth0(fe80::1%eth0) from fe80::100%eth0 eth0:",
  ],
  // The only interface that has it.
  [
    ["-I", "fe80::100", "fe80::1"],
    "fe80::1(fe80::1%eth0) from fe80::100%eth0 eth0:",
  ],
];

await liveTest(
  "ping.ts finds the zone of a link-local address, and shows its name",
  NEEDS,
  async () => {
    await using lab = await linked();
    const index = await interfaceIndex(lab, "sender", "eth0");
    const answered: typeof ANSWERED = [
      [["fe80::1"], "fe80::1(fe80::1%eth0)"],
      [[`fe80::1%${index}`], `fe80::1%${index}(fe80::1%eth0)`],
      ...ANSWERED,
    ];
    const check = async (table: typeof ANSWERED) => {
      for (const socket of [[], ["--unprivileged"]]) {
        for (const [args, first] of table) {
          const shown = [...socket, ...args].join(" ");
          const { stdout, stderr, code } = await run(lab.inside(
            "sender",
            script("ping", "-c", "1", "-W", "5", ...socket, ...args),
          ));
          const [begin, reply] = stdout.split("\n");
          assertEquals(begin, `PING ${first} 56 data bytes`, shown);
          assertEquals(reply?.replace(/time=[\d.]+/, "time=T"), REPLY, shown);
          assertEquals([code, stderr], [0, ""], shown);
        }
      }
    };
    await check(answered);
    await secondLink(lab);
    // Where there are two, what was given tells which.
    await check(ANSWERED);
  },
);

await liveTest("ping.ts shows what iputils shows of link-local addresses", [
  ...NEEDS,
  "ping",
], async () => {
  await using lab = await linked();
  for (
    const args of [
      ["fe80::1%eth0"],
      ["-I", "eth0", "fe80::1"],
      ["-I", "fe80::100%eth0", "fe80::1"],
      ["-I", "fe80::100%eth0", "fe80::1%eth0"],
      ["-I", "fe80::100%eth0", "2001:db8::1"],
    ]
  ) {
    const all = ["-c", "2", "-i", "0.05", ...args];
    const lines = async (command: string[]) => {
      const { stdout } = await run(lab.inside("sender", command));
      return stdout.split("\n").filter((line) => line.includes(" bytes from "))
        .map((line) => line.replace(/time=[\d.]+/, "time=T"));
    };
    const ours = await lines(script("ping", ...all));
    assertEquals(ours.length, 2);
    assertEquals(ours, await lines(["ping", ...all]), args.join(" "));
  }
});

await liveTest(
  "ping.ts says what is wrong with a zone, or missing: exit 2",
  NEEDS,
  async () => {
    await using lab = await linked();
    await secondLink(lab);
    const refused: [args: string[], said: string][] = [
      [
        ["fe80::1"],
        "fe80::1 can be on eth0 or v0: say which, such as fe80::1%eth0",
      ],
      [
        ["ff02::1"],
        "ff02::1 can be on eth0 or v0: say which, such as ff02::1%eth0",
      ],
      [
        ["-I", "v0", "fe80::1%eth0"],
        "fe80::1 cannot be on eth0 and v0 at once: give one of them",
      ],
      [
        ["-I", "fe80::100%eth0", "fe80::1%v0"],
        "fe80::1 cannot be on v0 and eth0 at once: give one of them",
      ],
      [
        ["1.1.1.1%eth0"],
        '1.1.1.1 is no link-local address, and so has no zone: leave out "%eth0"',
      ],
      [
        ["2001:db8::1%eth0"],
        "2001:db8::1 is no link-local address, and so has no zone: leave out " +
        '"%eth0"',
      ],
      [
        ["::1%lo"],
        '::1 is no link-local address, and so has no zone: leave out "%lo"',
      ],
      [
        ["-I", "2001:db8::100%eth0", "2001:db8::1"],
        "2001:db8::100 is no link-local address, and so has no zone: leave out " +
        '"%eth0"',
      ],
      [["fe80::1%eth9"], 'the zone "eth9" is no interface of this host'],
      [["fe80::1%"], 'the zone "" is no interface of this host'],
    ];
    for (const [args, said] of refused) {
      // Nor is anything sent to the other host.
      const { stdout, stderr, code } = await run(
        lab.inside("sender", script("ping", "-c", "1", "::1", ...args)),
      );
      assertEquals([unwrapped(stderr), stdout], [`ping: ${said}`, ""]);
      assertEquals(code, 2);
    }
    // Of nobody's address only the kernel can tell, and what to do stands below.
    const { stderr, code } = await run(
      lab.inside("sender", script("ping", "-I", "fe80::77", "2001:db8::1")),
    );
    assertEquals(
      unwrapped(stderr),
      "ping: cannot bind to fe80::77: Invalid argument (bind: EINVAL) A " +
        "link-local address is one only with the interface that it is on, as in " +
        "fe80::1%eth0; `ip -6 address` shows both.",
    );
    assertEquals(code, 4);
  },
);

await liveTest(
  "ICMPv6Socket takes the zone from the address that it is bound to",
  NEEDS,
  async () => {
    await using lab = await linked();
    await secondLink(lab);
    const namespace = lab.namespace("sender");
    for (const privileged of [true, false]) {
      for (const address of ["fe80::100%eth0", "fe80::100"]) {
        using socket = new ICMPv6Socket({ address, privileged, namespace });
        assertEquals(socket.address, "fe80::100%eth0");
        const request = new ICMPRequest("fe80::1", { id: 9, sequence: 1 });
        socket.send(request);
        assertEquals(socket.receive(request).source, "fe80::1%eth0");
      }
      using free = new ICMPv6Socket({ privileged, namespace });
      const request = new ICMPRequest("fe80::1", { id: 9, sequence: 2 });
      assertThrows(() => free.send(request), RangeError, "say which");
    }
    const host = await ping("fe80::1", { count: 1, device: "eth0", namespace })
      .result;
    assert(host.isAlive);
    assertEquals(host.address, "fe80::1%eth0");
  },
);
