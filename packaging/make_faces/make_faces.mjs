// Renders faces, and the parts that they are made of, for pack.py. See README.md.
//
//     node make_faces.mjs DESIGN design OUT                    what can be drawn, as JSON
//     node make_faces.mjs DESIGN layers OUT                    OUT.json, OUT.grey: the parts, of pixel-faces only
//     node make_faces.mjs DESIGN faces FIRST COUNT WHICH OUT   OUT.rgb, OUT.attributes, OUT.seeds; WHICH: usual or withheld
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import * as adventurer from "@dicebear/adventurer";
import { createAvatar } from "@dicebear/core";
import * as pixelArt from "@dicebear/pixel-art";
import { Resvg } from "@resvg/resvg-js";

const STYLES = { "pixel-art": pixelArt, adventurer };
const NONE = "none";
const HIDDEN = 255;
const TOLERANCE = 8; // grey levels: what changes a picture by less is hidden in it

const design = JSON.parse(readFileSync(new URL(`designs/${process.argv[2]}.json`, import.meta.url), "utf8"));
const style = STYLES[design.style];
const SIDE = design.size;
const ATTRIBUTES = design.attributes.map((attribute) => ({ ...attribute, values: valuesOf(attribute) }));
const NAMES = ATTRIBUTES.map(({ name }) => name);

/** Names of the values of an attribute: colours, or the variants of a part, after "none" where not everybody has it. */
function valuesOf({ option, colours, values, without = [], "per cent": share }) {
  if (colours) return Object.keys(colours);
  const known = values ?? [...style.schema.properties[option].default].sort();
  const kept = known.filter((value) => !without.includes(value));
  return share === undefined ? kept : [NONE, ...kept];
}

/** A number in [0, 1) that belongs to a seed and a name, the same on every machine. */
function drawn(seed, name) {
  return createHash("sha256").update(`${seed}/${name}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** The value, as an index, of every attribute of the face of `seed`; the colour of what is not there is hidden. */
function attributesOf(seed) {
  const indices = ATTRIBUTES.map(({ name, values, "per cent": share }) => {
    if (share === undefined) return Math.floor(drawn(seed, name) * values.length);
    const worn = drawn(seed, `${name}, worn`) * 100 < share;
    return worn ? 1 + Math.floor(drawn(seed, name) * (values.length - 1)) : 0;
  });
  for (const [i, name] of NAMES.entries()) {
    const part = NAMES.indexOf(name.replace(/ colour$/, ""));
    if (part !== i && ATTRIBUTES[part]?.values[indices[part]] === NONE) indices[i] = HIDDEN;
  }
  return indices;
}

const valueOf = (indices, name) => ATTRIBUTES[NAMES.indexOf(name)].values[indices[NAMES.indexOf(name)]];

function isWithheld(indices) {
  return design.withheld.some((pair) => Object.entries(pair).every(([name, value]) => valueOf(indices, name) === value));
}

/** The style's options for a face with the values `indices`, every choice left to none of its own draws. */
function optionsOf(indices) {
  const options = Object.fromEntries(design.never.map((part) => [`${part}Probability`, 0]));
  if (design["eye colour"]) options.eyesColor = [design["eye colour"]];
  for (const [i, { option, values, colours, "per cent": share }] of ATTRIBUTES.entries()) {
    const value = values[indices[i]];
    const there = value !== undefined && value !== NONE;
    if (there) options[option] = [colours?.[value] ?? value];
    if (share !== undefined) options[`${option}Probability`] = there ? 100 : 0;
  }
  return options;
}

/** RGBA bytes of an SVG, `SIDE` pixels wide. */
function pixels(svg) {
  const settings = { font: { loadSystemFonts: false }, fitTo: { mode: "width", value: SIDE } }; // 90 × slower with fonts
  return new Resvg(svg, settings).render().pixels;
}

function rgb(rgba) {
  const out = Buffer.alloc(SIDE * SIDE * 3);
  for (let i = 0; i < SIDE * SIDE; i++) rgba.copy(out, 3 * i, 4 * i, 4 * i + 3);
  return out;
}

const picture = (options) => rgb(pixels(createAvatar(style, options).toString()));

const covered = new Map();

/** Whether hair and glasses hide all of a part's value, in the first colours of every palette. */
function isCovered(name, indices) {
  const attributes = [name, ...design.covering];
  const alike = ATTRIBUTES.map(({ name: each }, i) => (attributes.includes(each) ? indices[i] : 0));
  const key = `${name}/${alike}`;
  if (!covered.has(key)) {
    const options = optionsOf(alike);
    const [shown, bare] = [options, { ...options, [ATTRIBUTES[NAMES.indexOf(name)].option]: [] }].map(picture);
    covered.set(key, !shown.some((level, k) => Math.abs(level - bare[k]) > TOLERANCE));
  }
  return covered.get(key);
}

/** `indices`, with the parts hidden that others cover. */
function withHidden(indices) {
  return indices.map((index, i) => {
    const { name, values } = ATTRIBUTES[i];
    const there = design["may be covered"]?.includes(name) && values[index] !== NONE;
    return there && isCovered(name, indices) ? HIDDEN : index;
  });
}

function writeFaces(first, count, which, out) {
  const files = [".rgb", ".attributes", ".seeds"].map((suffix) => openSync(`${out}${suffix}`, "w"));
  for (let seed = first, made = 0; made < count; seed++) {
    const indices = attributesOf(seed);
    if (isWithheld(indices) !== (which === "withheld")) continue;
    writeSync(files[0], picture(optionsOf(indices)));
    writeSync(files[1], Buffer.from(withHidden(indices)));
    writeSync(files[2], Buffer.from(Uint32Array.of(seed).buffer));
    made++;
  }
  files.forEach(closeSync);
}

/** What the style draws for `options`, as SVG without its frame. */
function body(options) {
  const none = { prng: { pick: (list) => list[0], bool: (percent) => percent > 50 } };
  return style.create({ ...none, options }).body;
}

/** One part in grey on a ground, each black or white: a byte a pixel. */
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
  for (const { name, values, colours } of ATTRIBUTES) {
    if (colours) continue;
    for (const value of values.filter((value) => value !== NONE)) layers.push([name, value, part(name, value)]);
  }
  const shades = [["000000", "000000"], ["000000", "ffffff"], ["ffffff", "000000"]];
  const grey = layers.flatMap(([, , draw]) => shades.map(([ground, colour]) => onGround(draw, ground, colour)));
  writeFileSync(`${out}.grey`, Buffer.concat(grey));
  writeFileSync(`${out}.json`, JSON.stringify(layers.map(([name, value]) => [name, value])));
}

function writeDesign(out) {
  const attributes = Object.fromEntries(ATTRIBUTES.map(({ name, values }) => [name, values]));
  const palettes = Object.fromEntries(ATTRIBUTES.filter(({ colours }) => colours).map(({ name, colours }) => [name, colours]));
  const { withheld, "eye colour": eyes } = design;
  writeFileSync(out, JSON.stringify({ attributes, palettes, ...(eyes && { "eye colour": eyes }), withheld }));
}

const [command, ...rest] = process.argv.slice(3);
if (command === "design") writeDesign(rest[0]);
else if (command === "layers") writeLayers(rest[0]);
else if (command === "faces") writeFaces(Number(rest[0]), Number(rest[1]), rest[2], rest[3]);
else throw new Error("say: DESIGN, and design OUT, layers OUT, or faces FIRST COUNT WHICH OUT");
