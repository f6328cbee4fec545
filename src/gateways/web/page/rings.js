// The rings as the server tells of them: whole once, then what changed. Letters are those of docs/im-protocol.md, "Rings".

export const statusOf = {
  '·': 'free',
  p: 'placed',
  m: 'mirrored',
  f: 'in-flight',
  '?': 'in-doubt',
  c: 'confirmed',
  r: 'refused',
  x: 'expired',
  s: 'settled',
  '~': 'unheard',
};

/** In the ring and not over. */
export const isInUse = (status) => status !== 'free' && status !== 'settled';

export class Rings {
  /** { link, lanes: [{ lane, contact, size, waiting, perSecond, imServer: [status], buffer: [status] }] } */
  smscs = [];
  /** When it was told last, milliseconds since 1970. */
  toldAt = 0;

  takeWhole(message) {
    this.toldAt = Date.now();
    this.smscs = message.smscs.map(({ link, lanes }) => ({
      link,
      lanes: lanes.map((lane) => ({ ...lane, imServer: readLetters(lane.imServer), buffer: readLetters(lane.buffer) })),
    }));
  }

  /** @returns the slots that changed, as `smscId lane slot` */
  takeChanges(message) {
    this.toldAt = Date.now();
    const changed = [];
    for (const { link, lanes } of message.smscs) {
      const smsc = this.smscs.find((one) => one.link.smscId === link.smscId);
      if (smsc === undefined) continue;
      smsc.link = link;
      for (const { slots, ...head } of lanes) {
        const lane = smsc.lanes.find((one) => one.lane === head.lane);
        if (lane === undefined) continue;
        Object.assign(lane, head);
        for (const [slot, imServer, buffer] of slots) {
          lane.imServer[slot - 1] = statusOf[imServer];
          lane.buffer[slot - 1] = statusOf[buffer];
          changed.push(`${link.smscId} ${head.lane} ${slot}`);
        }
      }
    }
    return changed;
  }
}

/** A moment of the past in the form of {@link Rings}, as far as it was recorded. */
export function ringsThen({ at, smscs }) {
  return {
    toldAt: at,
    smscs: smscs.map(({ link, lanes }) => ({
      link,
      lanes: lanes.map((lane) => ({ ...lane, imServer: readLetters(lane.imServer), buffer: readLetters(lane.buffer) })),
    })),
  };
}

/** How many slots are in use, and how many in doubt. */
export function countLane({ imServer }) {
  return {
    used: imServer.filter(isInUse).length,
    inDoubt: imServer.filter((status) => status === 'in-doubt').length,
  };
}

function readLetters(letters) {
  return [...letters].map((letter) => statusOf[letter]);
}
