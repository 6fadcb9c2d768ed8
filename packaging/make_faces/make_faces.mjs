// Renders faces, and the parts that they are made of, for pack.py. See README.md.
//
//     node make_faces.mjs layers OUT                    OUT.json, OUT.grey
//     node make_faces.mjs faces FIRST COUNT WHICH OUT   OUT.rgb, OUT.attributes, OUT.seeds; WHICH: usual or withheld
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createAvatar } from "@dicebear/core";
import * as style from "@dicebear/pixel-art";
import { Resvg } from "@resvg/resvg-js";

const SIDE = 16;
const NONE = "none";
const HIDDEN = 255;
const design = JSON.parse(readFileSync(new URL("design.json", import.meta.url), "utf8"));

/** Names of the variants of a part that the design keeps, in order. */
function variants(part) {
  const left = design["left out"][part] ?? [];
  return [...style.schema.properties[part].default].filter((name) => !left.includes(name)).sort();
}

const palette = (name) => Object.keys(design.palettes[name]);

/** Every attribute and its values; the option of the style that sets it. */
const ATTRIBUTES = [
  { name: "background", values: palette("background"), option: "backgroundColor" },
  { name: "skin", values: palette("skin"), option: "skinColor" },
  { name: "hair", values: variants("hair"), option: "hair" },
  { name: "hair colour", values: palette("hair colour"), option: "hairColor" },
  { name: "eyes", values: variants("eyes"), option: "eyes" },
  { name: "glasses", values: [NONE, ...design.glasses], option: "glasses" },
  { name: "glasses colour", values: palette("glasses colour"), option: "glassesColor" },
  { name: "mouth", values: variants("mouth"), option: "mouth" },
  { name: "mouth colour", values: palette("mouth colour"), option: "mouthColor" },
  { name: "clothing", values: variants("clothing"), option: "clothing" },
  { name: "clothing colour", values: palette("clothing colour"), option: "clothingColor" },
];
const NAMES = ATTRIBUTES.map((attribute) => attribute.name);
const PARTS = ["clothing", "eyes", "glasses", "mouth", "hair"]; // as they are drawn, the skin below them

/** A number in [0, 1) that belongs to a seed and a name, the same on every machine. */
function drawn(seed, name) {
  return createHash("sha256").update(`${seed}/${name}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** The value, as an index, of every attribute of the face of `seed`. */
function attributesOf(seed) {
  const indices = ATTRIBUTES.map(({ name, values }) => Math.floor(drawn(seed, name) * values.length));
  const glasses = NAMES.indexOf("glasses");
  const worn = drawn(seed, "glasses, worn") * 100 < design["glasses per cent"];
  indices[glasses] = worn ? 1 + Math.floor(drawn(seed, "glasses") * design.glasses.length) : 0;
  if (!worn) indices[NAMES.indexOf("glasses colour")] = HIDDEN;
  return indices;
}

const valueOf = (indices, name) => ATTRIBUTES[NAMES.indexOf(name)].values[indices[NAMES.indexOf(name)]];

function isWithheld(indices) {
  return design.withheld.some((pair) => Object.entries(pair).every(([name, value]) => valueOf(indices, name) === value));
}

/** The style's options for a face with the values `indices`, every choice left to none of its own draws. */
function optionsOf(indices) {
  const options = { eyesColor: [design["eye colour"]], accessoriesProbability: 0, beardProbability: 0, hatProbability: 0 };
  for (const [i, { name, option, values }] of ATTRIBUTES.entries()) {
    const value = values[indices[i]];
    if (value !== undefined && value !== NONE) options[option] = [design.palettes[name]?.[value] ?? value];
  }
  options.glassesProbability = options.glasses ? 100 : 0;
  return options;
}

/** RGBA bytes of an SVG of 16 × 16. */
function pixels(svg) {
  return new Resvg(svg, { font: { loadSystemFonts: false } }).render().pixels; // 90 × slower with the system's fonts
}

function rgb(rgba) {
  const out = Buffer.alloc(SIDE * SIDE * 3);
  for (let i = 0; i < SIDE * SIDE; i++) rgba.copy(out, 3 * i, 4 * i, 4 * i + 3);
  return out;
}

function writeFaces(first, count, which, out) {
  const pictures = [], table = [], seeds = [];
  for (let seed = first; seeds.length < count; seed++) {
    const indices = attributesOf(seed);
    if (isWithheld(indices) !== (which === "withheld")) continue;
    pictures.push(rgb(pixels(createAvatar(style, optionsOf(indices)).toString())));
    table.push(Buffer.from(indices));
    seeds.push(seed);
  }
  writeFileSync(`${out}.rgb`, Buffer.concat(pictures));
  writeFileSync(`${out}.attributes`, Buffer.concat(table));
  writeFileSync(`${out}.seeds`, Buffer.from(Uint32Array.from(seeds).buffer));
}

/** What the style draws for `options`, as SVG without its frame. */
function body(options) {
  const none = { prng: { pick: (list) => list[0], bool: (percent) => percent > 50 } };
  return style.create({ ...none, options }).body;
}

/** One part in grey on a ground, each black or white: 256 bytes. */
function onGround(draw, ground, colour) {
  const rest = `<rect width="${SIDE}" height="${SIDE}" fill="#${ground}"/>${draw(colour)}`;
  const frame = `xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIDE} ${SIDE}" fill="none" shape-rendering="crispEdges"`;
  const rgba = pixels(`<svg ${frame}>${rest}</svg>`);
  return Buffer.from(Uint8Array.from({ length: SIDE * SIDE }, (_, i) => rgba[4 * i]));
}

/** Of every part: black on black, white on black, black on white. A compositor needs no more: each draws linearly. */
function writeLayers(out) {
  const skin = (colour) => body({ skinColor: [colour] });
  const part = (name, variant) => (colour) => {
    const options = { skinColor: ["000000"], [name]: [variant], [`${name}Color`]: [colour], [`${name}Probability`]: 100 };
    return body(options).slice(skin("000000").length);
  };
  const layers = [["skin", "", skin]];
  for (const name of PARTS) {
    const { values } = ATTRIBUTES[NAMES.indexOf(name)];
    for (const value of values.filter((value) => value !== NONE)) layers.push([name, value, part(name, value)]);
  }
  const shades = [["000000", "000000"], ["000000", "ffffff"], ["ffffff", "000000"]];
  const grey = layers.flatMap(([, , draw]) => shades.map(([ground, colour]) => onGround(draw, ground, colour)));
  writeFileSync(`${out}.grey`, Buffer.concat(grey));
  const attributes = ATTRIBUTES.map(({ name, values }) => ({ name, values }));
  const named = layers.map(([name, value]) => [name, value]);
  writeFileSync(`${out}.json`, JSON.stringify({ attributes, layers: named, design }, null, 1));
}

const [command, ...rest] = process.argv.slice(2);
if (command === "layers") writeLayers(rest[0]);
else if (command === "faces") writeFaces(Number(rest[0]), Number(rest[1]), rest[2], rest[3]);
else throw new Error("say: layers OUT, or faces FIRST COUNT WHICH OUT");
