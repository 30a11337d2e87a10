// Addresses as people write them. Browsers and our API turn the domain into ASCII (RFC 5891), and have
// nothing that turns it back.

/** Decodes a label after `xn--` (Punycode, RFC 3492 §6.2). */
function decoded(label) {
  const cut = label.lastIndexOf("-");
  const signs = [...label.slice(0, Math.max(cut, 0))];
  let [code, place, bias] = [128, 0, 72];
  for (let at = cut + 1; at < label.length; ) {
    const before = place;
    for (let weight = 1, k = 36; ; k += 36) {
      const digit = parseInt(label[at++], 36);
      if (Number.isNaN(digit)) throw new RangeError(label);
      const value = digit < 10 ? digit + 26 : digit - 10;
      place += value * weight;
      const threshold = Math.min(Math.max(k - bias, 1), 26);
      if (value < threshold) break;
      weight *= 36 - threshold;
    }
    const count = signs.length + 1;
    let delta = Math.floor((place - before) / (before ? 2 : 700));
    delta += Math.floor(delta / count);
    let k = 0;
    for (; delta > 455; k += 36) delta = Math.floor(delta / 35);
    bias = k + Math.floor((36 * delta) / (delta + 38));
    code += Math.floor(place / count);
    place %= count;
    signs.splice(place++, 0, String.fromCodePoint(code));
  }
  return signs.join("");
}

/** An address to show: what cannot be decoded stays as it is. */
export function shown(address) {
  try {
    return address.replace(/(?<=[@.])xn--([a-z0-9-]+)/gi, (whole, label) => decoded(label.toLowerCase()) || whole);
  } catch {
    return address;
  }
}
