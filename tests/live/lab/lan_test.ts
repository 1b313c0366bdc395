/** The lab `lan`, as ping and tcpdump find it. */

import { assertEquals, assertMatch } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { lan } from "../../../lib/lab/topology/lan.ts";
import { liveTest, run } from "../live.ts";
import { lines, Process } from "../pair/pair_process.ts";

await liveTest("the hosts of the lan reach each other", [
  "lab",
  "ping",
], async () => {
  await using lab = await Lab.up(lan);
  const addresses = [1, 5, 6].flatMap((last) => [
    `10.9.0.${last}`,
    `2001:db8:9::${last}`,
  ]);
  await Promise.all(
    ["attacker", "user", "victim"].flatMap((host) =>
      addresses.map(async (address) => {
        const ping = ["ping", "-c", "1", "-W", "5", address];
        const { code } = await run(lab.inside(host, ping));
        assertEquals(code, 0, `${host} to ${address}`);
      })
    ),
  );
});

await liveTest("the attacker sees what the others say to each other", [
  "lab",
  "ping",
  "tcpdump",
  "init-root",
], async () => {
  await using lab = await Lab.up(lan);
  const filter = "icmp or (icmp6 and ip6[40] >= 128 and ip6[40] < 130)";
  const sniff = `exec tcpdump -Z root -nlti eth0 -c 8 '${filter}' 2>&1`;
  await using sniffer = new Process(
    lab.inside("attacker", ["sh", "-c", sniff]),
  );
  await sniffer.until("listening on");
  for (const address of ["10.9.0.6", "2001:db8:9::6"]) {
    await run(lab.inside("user", ["ping", "-c", "2", "-i", "0.01", address]));
  }
  const { stdout } = await sniffer.end();
  const echoes = lines(stdout).filter((line) => line.startsWith("IP"))
    .map((line) => line.replace(/, id.*$/, ""));
  const [there, back] = ["10.9.0.5 > 10.9.0.6", "10.9.0.6 > 10.9.0.5"];
  const six = [
    "2001:db8:9::5 > 2001:db8:9::6",
    "2001:db8:9::6 > 2001:db8:9::5",
  ];
  const IPV4 = [
    `IP ${there}: ICMP echo request`,
    `IP ${back}: ICMP echo reply`,
  ];
  const IPV6 = [
    `IP6 ${six[0]}: ICMP6, echo request`,
    `IP6 ${six[1]}: ICMP6, echo reply`,
  ];
  assertEquals(echoes, [...IPV4, ...IPV4, ...IPV6, ...IPV6]);
});

await liveTest("what is not on the lan draws neither answer nor error", [
  "lab",
  "ping",
], async () => {
  await using lab = await Lab.up(lan);
  for (const address of ["1.2.3.4", "2001:db8:1::1"]) {
    const ping = ["ping", "-c", "3", "-i", "0.01", "-W", "0.3", address];
    const { code, stdout } = await run(lab.inside("user", ping));
    assertEquals(code, 1);
    assertMatch(stdout, /3 packets transmitted, 0 received, 100% packet loss/);
    assertMatch(stdout, /^PING [^\n]+\n\n--- /, "not a word in between");
  }
});
