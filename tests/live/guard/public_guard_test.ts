/** What leaves for public addresses, by whatever a run sends. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Programs } from "../process/socket_process.ts";
import { liveTest, script, unwrapped } from "../live.ts";
import {
  BROADCAST,
  GUARD_NEEDS,
  mostWithin,
  NEIGHBOUR,
  OWN,
  PublicHost,
} from "./public_host.ts";

/** So many that no machine is slow enough for them to be no flood. */
const FLOOD = "line\n".repeat(10_000);
const LINES = Array.from({ length: 300 }, (_, i) => `line ${i}\n`).join("");
const ROUTED = JSON.stringify({
  layers: [
    { ipv4: { destination: NEIGHBOUR, options: "83070409090909" } },
    { icmpv4: { kind: "echoRequest" } },
  ],
});

/** What is refused before anything is sent: exit 2. */
const REFUSED: [command: string[], said: string][] = [
  [script("send", "9.9.9.9", "Hi", "-c", "101"), "9.9.9.9 is public"],
  [script("send", "9.9.9.9", "Hi", "-c", "101", "--fast"), "9.9.9.9 is public"],
  [script("sweep", "9.9.9.0/25"), "9.9.9.0-9.9.9.127 is public"],
  [script("ping", "-i", "0", "-c", "101", "9.9.9.9"), "9.9.9.9 is public"],
  // Nobody gets many, and all together they are a flood.
  [
    script("ping", "-i", "0.2", ...Array(50).fill("9.9.9.9")),
    "250 packets a second are more than a person needs",
  ],
  [
    script(
      "ping",
      "-c",
      "1",
      ...Array.from(Array(200), (_, i) => `9.9.9.${i}`),
    ),
    "200 packets a second are more than a person needs",
  ],
  [
    script("ping", "127.0.0.1", ...Array(101).fill("2606:4700::1111")),
    "101 packets a second are more than a person needs",
  ],
  [
    script("sweep", "10.0.0.1", "9.9.9.9", "--rate", "101", "--retries", "99"),
    "101 packets a second are more than a person needs, and 9.9.9.9 is public",
  ],
  [script("spoof", "9.9.9.9", "-s", OWN), "9.9.9.9 is public"],
  [script("spoof", "9.9.9.9", "-s", OWN, "--diff"), "9.9.9.9 is public"],
  [script("spoof", "9.9.9.9", "-s", OWN, "--why"), "9.9.9.9 is public"],
  [script("craft", "-d", "9.9.9.9", "--send"), "9.9.9.9 is public"],
  [
    script("spoof", NEIGHBOUR, "-s", OWN, "--options", "83070409090909"),
    "9.9.9.9 is public",
  ],
  [script("craft", "--json", ROUTED, "--send"), "9.9.9.9 is public"],
  [
    script("spoof", BROADCAST, "-s", "9.9.9.9", "--broadcast"),
    `9.9.9.9 is public, and all whom ${BROADCAST} reaches would reply to it`,
  ],
  [
    script("spoof", NEIGHBOUR, "-s", "9.9.9.9", "-c", "101"),
    "101 packets a second are more than a person needs, and 9.9.9.9 is public",
  ],
];

await liveTest(
  "a flood of public addresses is refused before anything is sent",
  GUARD_NEEDS,
  async () => {
    await using host = await PublicHost.create();
    for (const [command, said] of REFUSED) {
      const { code, stderr, leftAt } = await host.watch(command);
      const note = `${command.slice(3).join(" ")}: ${stderr}`;
      assertStringIncludes(unwrapped(stderr), said, note);
      assertEquals([code, leftAt.length], [2, 0], note);
    }
  },
);

/** What is no flood, and how many packets it is. */
const ALLOWED: [command: string[], count: number][] = [
  [script("send", "9.9.9.9", "Hi", "-c", "100"), 100],
  [script("send", "9.9.9.9", "Hi", "-c", "120", "-i", "10ms"), 120],
  [script("send", "9.9.9.9", "Hi", "-c", "101", "--allow-public"), 101],
  [
    script("ping", "-i", "0.5", "-c", "2", ...Array(50).fill("9.9.9.9")),
    100,
  ],
  [script("spoof", NEIGHBOUR, "-s", "9.9.9.9", "-c", "100"), 100],
  [script("spoof", BROADCAST, "-s", OWN, "--broadcast", "-c", "200"), 200],
  [script("spoof", NEIGHBOUR, "-s", "10.7.7.7", "-c", "200"), 200],
];

await liveTest(
  "what is no flood leaves, and what is meant",
  GUARD_NEEDS,
  async () => {
    await using host = await PublicHost.create();
    for (const [command, count] of ALLOWED) {
      const { stderr, leftAt } = await host.watch(command);
      const note = `${command.slice(3).join(" ")}: ${stderr}`;
      assertEquals(leftAt.length, count, note);
    }
  },
);

await liveTest(
  "a conversation from a pipe ends where it becomes a flood",
  GUARD_NEEDS,
  async () => {
    await using host = await PublicHost.create();
    const conversation = script("send", "9.9.9.9");
    const { code, stderr, leftAt } = await host.watch(conversation, {
      input: FLOOD,
    });
    assertStringIncludes(
      unwrapped(stderr),
      "so many packets within a second are more than a person needs, and " +
        "where they go is public: keep to 100, or --allow-public, if it is " +
        "yours to flood. What was before it is sent",
    );
    assertEquals(code, 3);
    // Of so many lines some may have come a second later.
    assert(leftAt.length >= 100 && leftAt.length < 10_000, `${leftAt.length}`);
    assert(mostWithin(0.5, leftAt) <= 100);
    const paced = script("send", "9.9.9.9", "-i", "10ms");
    const slow = await host.watch(paced, { input: LINES });
    assertEquals([slow.code, slow.leftAt.length], [0, 300], slow.stderr);
  },
);

await liveTest(
  "traceroute sends all of its probes, and no more at a time than a person needs",
  GUARD_NEEDS,
  async () => {
    await using host = await PublicHost.create();
    for (const method of ["icmp", "udp", "tcp", "raw"]) {
      const options = ["-n", "-q", "10", "-m", "25", "-N", "1024"];
      const how = ["-w", "0.1", "-M", method];
      const trace = script("traceroute", ...options, ...how, "9.9.9.9");
      const { code, stderr, leftAt } = await host.watch(trace);
      assertEquals([code, stderr, leftAt.length], [1, "", 250], method);
      const most = mostWithin(0.5, leftAt);
      assert(most <= 100, `${most} by ${method}`);
    }
  },
);

/** A frame from the only interface. */
const ETHERNET = `raw4.ethernet({ destination: "02:00:00:00:00:02" })`;

/** Ways to send more than a person needs, by whatever there is. */
const DOORS: readonly string[] = [
  `const socket = open({});
   for (let i = 0; i < 300; i++) socket.send(bytes, "9.9.9.9");`,
  `const socket = open({ family: 6 });
   for (let i = 0; i < 300; i++) socket.send(bytes, "2606:4700::1111");`,
  // Each of them sends fewer than are too many.
  `for (let i = 0; i < 300; i++) open({}).send(bytes, \`9.9.9.\${i % 256}\`);`,
  `await open({}).sendMany(
     Array.from({ length: 300 }, () => ({ bytes, destination: "9.9.9.9" })));`,
  `const socket = open({ protocol: 255, headerIncluded: true });
   const packet = raw4.buildPacket(
     raw4.ipv4({ source: "${OWN}", destination: "9.9.9.9", protocol: 253 }));
   for (let i = 0; i < 300; i++) socket.send(packet, "${NEIGHBOUR}");`,
  `const socket = open({ protocol: 255, headerIncluded: true });
   const packet = raw4.buildPacket(
     raw4.ipv4({ source: "9.9.9.9", destination: "${NEIGHBOUR}", protocol: 1 }),
     "Hi");
   await socket.sendMany(
     Array.from({ length: 300 }, () => ({ bytes: packet, destination: "${NEIGHBOUR}" })));`,
  `using socket = new raw4.ICMPv4Socket();
   for (let i = 0; i < 300; i++) {
     socket.send(new raw4.ICMPRequest("9.9.9.9", { id: 1, sequence: i }));
   }`,
  `using socket = raw4.PacketSocket.open({ device: "out" });
   const frame = raw4.buildPacket(${ETHERNET},
     raw4.ipv4({ source: "${OWN}", destination: "9.9.9.9", protocol: 253 }));
   for (let i = 0; i < 300; i++) socket.send(frame);`,
  `using sender = raw4.FastSender.open({ protocol: 253, destination: "9.9.9.9" });
   await sender.send(bytes, 300);`,
];
const PROLOGUE = `const bytes = new Uint8Array(8);
const open = (options) => raw4.RawSocket.open({ protocol: 253, ...options });
`;

await liveTest(
  "every socket's door counts what leaves, all of them together",
  GUARD_NEEDS,
  async () => {
    await using host = await PublicHost.create();
    await using programs = await Programs.create();
    for (const source of DOORS) {
      const command = await programs.command(PROLOGUE + source, "--allow-ffi");
      const { code, stderr, leftAt } = await host.watch(command);
      assertStringIncludes(stderr, "RangeError: so many packets", source);
      assertEquals(code, 1);
      assert(leftAt.length > 0 && leftAt.length < 300, `${leftAt.length}`);
      const most = mostWithin(0.5, leftAt);
      assert(most <= 100, `${most} of ${source}`);
    }
  },
);

const FRAME_BATCH = import.meta.resolve(
  "../../../lib/socket/fast/frame_batch.ts",
);

await liveTest(
  "what a device had no room for at once is counted once",
  GUARD_NEEDS,
  async () => {
    await using host = await PublicHost.create();
    await using programs = await Programs.create();
    const source = `import { FrameBatch } from "${FRAME_BATCH}";
      const { send } = FrameBatch.prototype;
      let calls = 0;
      FrameBatch.prototype.send = function (fd, count) {
        calls++;
        if (calls === 1) return send.call(this, fd, count >> 1);
        return calls < 9 ? -105 /* ENOBUFS */ : send.call(this, fd, count);
      };
      using sender = raw4.FastSender.open({ protocol: 253, destination: "9.9.9.9" });
      console.log(await sender.send(new Uint8Array(8), 100), calls);`;
    const command = await programs.command(source, "--allow-ffi");
    const { stdout, stderr } = await host.watch(command);
    assertEquals([stderr, stdout], ["", "100 9\n"]);
  },
);
