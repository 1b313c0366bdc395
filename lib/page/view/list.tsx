/**
 * The list of packets, of which only those in sight are drawn.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Model } from "../model.ts";
import { rowOf } from "../packet/row.ts";
import type { Packet } from "../state/store.ts";

/** As the style sheet has it, in CSS pixels. */
const ROW_HEIGHT = 24;
/** Rows drawn beyond what is in sight, so that scrolling shows no gap. */
const MARGIN = 8;

/** The list; arrow keys choose a packet. */
export function PacketList({ model }: { readonly model: Model }) {
  const { words, selected, shown: { packets } } = model;
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  // As long as the end is in sight, it stays so.
  const follows = useRef(true);
  useEffect(() => {
    const element = box.current!;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const element = box.current!;
    if (model.source.isLive && follows.current) {
      element.scrollTop = element.scrollHeight;
    }
  }, [packets.length, model.source.isLive]);

  const choose = (index: number) => {
    if (packets.length === 0) return;
    const at = Math.max(0, Math.min(packets.length - 1, index));
    const element = box.current!;
    const from = at * ROW_HEIGHT;
    const room = element.clientHeight - ROW_HEIGHT;
    if (from < element.scrollTop) element.scrollTop = from;
    else if (from > element.scrollTop + room - ROW_HEIGHT) {
      element.scrollTop = from - room + ROW_HEIGHT;
    }
    model.change({ selected: packets[at] });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const here = selected === undefined ? -1 : packets.indexOf(selected);
    const page = Math.max(1, Math.floor(height / ROW_HEIGHT) - 2);
    const to = {
      ArrowDown: here + 1,
      ArrowUp: Math.max(0, here - 1),
      PageDown: here + page,
      PageUp: here - page,
      Home: 0,
      End: packets.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(to);
  };

  const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - MARGIN);
  const last = Math.min(
    packets.length,
    Math.ceil((top + height) / ROW_HEIGHT) + MARGIN,
  );
  const drawn = packets.slice(first, last);
  const start = packets[0]?.timestampNs;
  return (
    <div
      ref={box}
      class="list"
      role="grid"
      aria-label={words.title}
      aria-rowcount={packets.length + 1}
      // What is out of sight is no element.
      aria-activedescendant={selected !== undefined && drawn.includes(selected)
        ? `packet-${selected.number}`
        : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={({ currentTarget: element }) => {
        const below = element.scrollHeight - element.scrollTop -
          element.clientHeight;
        if (below < ROW_HEIGHT) follows.current = true;
        // More rows may have come; a person who leaves the end goes up.
        else if (element.scrollTop < top) follows.current = false;
        setTop(element.scrollTop);
      }}
    >
      <div role="row" class="row head" aria-rowindex={1}>
        {[
          words.number,
          words.time,
          words.place,
          words.protocol,
          words.summary,
          words.length,
        ].map((word) => <span role="columnheader" key={word}>{word}</span>)}
      </div>
      <div
        role="rowgroup"
        class="rows"
        style={{ height: `${packets.length * ROW_HEIGHT}px` }}
      >
        {drawn.map((packet, i) => (
          <PacketRow
            key={packet.number}
            packet={packet}
            index={first + i}
            start={start}
            isSelected={packet === selected}
            onSelect={() => choose(first + i)}
          />
        ))}
      </div>
    </div>
  );
}

/** One packet's row. */
function PacketRow({ packet, index, start, isSelected, onSelect }: {
  readonly packet: Packet;
  readonly index: number;
  readonly start: bigint | undefined;
  readonly isSelected: boolean;
  onSelect(): void;
}) {
  const { letter, protocol, summary } = rowOf(packet);
  return (
    <div
      role="row"
      id={`packet-${packet.number}`}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      class="row"
      style={{ top: `${index * ROW_HEIGHT}px` }}
      onMouseDown={onSelect}
    >
      <span role="gridcell">{packet.number}</span>
      <span role="gridcell">{timeOf(packet, start)}</span>
      <span role="gridcell">{packet.point.name}</span>
      <span role="gridcell">
        <b class={`letter letter-${letter}`} aria-hidden="true">{letter}</b>
        {protocol}
      </span>
      <span role="gridcell" class="summary">{summary}</span>
      <span role="gridcell">{packet.originalLength}</span>
    </div>
  );
}

/** Seconds since the first packet. */
function timeOf(
  { timestampNs }: Packet,
  start: bigint | undefined,
): string {
  if (timestampNs === undefined || start === undefined) return "–";
  const ns = timestampNs - start;
  const sign = ns < 0n ? "−" : "";
  const absolute = ns < 0n ? -ns : ns;
  const digits = `${absolute % 1_000_000_000n}`.padStart(9, "0").slice(0, 6);
  return `${sign}${absolute / 1_000_000_000n}.${digits}`;
}
