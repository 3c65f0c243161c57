"""A language identifier on bytes: ids and mask, float32 against dynamically quantised.

    python tokens.py --locale /usr/share/locale

Texts are translations of programs' messages, as Debian's packages install them (FILES and HELD_OUT say which). Tokens are
ByT5's: 0 pads, 1 ends a text, and byte b of UTF-8 is b + 3.
"""

import argparse
import gettext
import json
import pathlib
import re

import jax
import jax.numpy as jnp
import numpy as np

import compress
import measure
import network

LANGUAGES = ("bg ca cs da de el en es et fi fr hr hu id it lt nb nl pl pt_BR ro ru sk sl sr sv tr uk vi").split()
LABELS = [language.split("_")[0] for language in LANGUAGES]
# domains of messages, by Debian's package
FILES = {"apt": "apt", "libapt-pkg6.0": "libapt-pkg6.0", "dpkg": "dpkg", "bash": "bash", "grep": "grep", "sed": "sed",
         "glib20": "libglib2.0-0", "gtk20": "libgtk2.0-common", "wget": "wget", "shadow": "passwd", "Linux-PAM": "libpam-runtime",
         "diffutils": "diffutils", "gettext-runtime": "gettext-base", "PackageKit": "packagekit", "avahi": "avahi-daemon",
         "software-properties": "software-properties-common", "shared-mime-info": "shared-mime-info", "man-db": "man-db"}
HELD_OUT = {"coreutils": "coreutils", "tar": "tar", "findutils": "findutils", "iso_639": "iso-codes"}
LONGEST = 96  # tokens, with the end
PAD, END, FIRST = 0, 1, 3
VOCABULARY = 256 + FIRST
SUBSTITUTED = (1, 2, 3, 5, 8, 12)  # letters


def messages(folder, language, domains):
    """The messages of a language, cleaned; of English what was translated into any of three languages."""
    found = set()
    for domain in domains:
        for source in ("de", "fr", "sv") if language == "en" else (language,):
            file = folder / source / "LC_MESSAGES" / f"{domain}.mo"
            if not file.exists():
                continue
            with open(file, "rb") as opened:
                try:
                    catalogue = gettext.GNUTranslations(opened)._catalog
                except UnicodeDecodeError:  # a header that tells no encoding
                    continue
            for original, translated in catalogue.items():
                original = original[0] if isinstance(original, tuple) else original
                text = original if language == "en" else translated
                if language == "en" or translated != original:
                    text = re.sub(r"%[-0-9.*$l]*[a-zA-Z]|[_\x04]|\\.|<[^>]*>|--?[a-zA-Z-]+", " ", text)
                    text = " ".join(text.split())
                    if sum(c.isalpha() for c in text) >= 16 and " " in text:
                        found.add(text)
    return sorted(found)


def cut(text, random):
    """A piece of a text of 20 to 90 bytes, of whole words."""
    words = text.split()
    start = random.integers(0, max(1, len(words) - 4))
    length, piece = random.integers(20, LONGEST - 5), ""
    for word in words[start:]:
        longer = (piece + " " + word).strip()
        if len(longer.encode()) > length and piece:
            break
        piece = longer
    return piece


def encode(texts, longest=LONGEST):
    """ids and mask, int64 [N,longest]."""
    ids, mask = np.zeros((2, len(texts), longest), np.int64)
    for i, text in enumerate(texts):
        tokens = [b + FIRST for b in text.encode()[:longest - 1]] + [END]
        ids[i, :len(tokens)], mask[i, :len(tokens)] = tokens, 1
    return {"input_ids": ids, "attention_mask": mask}


def net(o, ids, mask):
    """Embedding of 24, two convolutions over 5 and 3 tokens of 64 filters each, mean and maximum over the text, 29 languages."""
    kept = o.float(o.channel(mask))
    x = o.times(o.embed(ids, "embedding", VOCABULARY, 24), kept)
    x = o.times(o.relu(o.conv(x, "conv1", 64, 5)), kept)
    x = o.times(o.relu(o.conv(x, "conv2", 64, 3)), kept)
    mean = o.over(o.total(x), o.shifted(o.total(kept), 1e-6))
    return o.linear(o.concat(mean, o.largest(x)), "languages", len(LANGUAGES))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--locale", type=pathlib.Path, default="/usr/share/locale", help="folder of the translations")
    args = parser.parse_args()
    random = np.random.default_rng(1)
    texts = [messages(args.locale, language, FILES) for language in LANGUAGES]
    seen = set().union(*map(set, texts))
    held = [[t for t in messages(args.locale, language, HELD_OUT) if t not in seen] for language in LANGUAGES]
    print("texts to train and held out:", {n: (len(a), len(b)) for n, a, b in zip(LABELS, texts, held)})

    def batch(_):
        labels = random.integers(0, len(LANGUAGES), 64)
        pieces = [cut(texts[k][random.integers(len(texts[k]))], random) for k in labels]
        pieces = [p.lower() if r < 0.15 else p.upper() if r < 0.2 else p for p, r in zip(pieces, random.random(64))]
        return {k: jnp.asarray(v) for k, v in encode(pieces).items()} | {"labels": jnp.asarray(labels)}

    def loss(net, batch):
        scores = net(batch["input_ids"], batch["attention_mask"])
        return -jnp.take_along_axis(jax.nn.log_softmax(scores), batch["labels"][:, None], 1).mean()

    params = network.train(net, loss, batch, steps=3000, rate=0.005, seed=1, report=500)
    graph = network.Graph("language", params, {"input_ids": ("int64", ["batch", "tokens"]),
                                               "attention_mask": ("int64", ["batch", "tokens"])},
                          {"logits": ("float32", ["batch", len(LANGUAGES)])})
    original = graph.save(net(graph, "input_ids", "attention_mask"))
    compressed = compress.dynamic(original, "language-dynamic", ["Conv", "Gather", "MatMul", "Gemm"])
    models = [measure.Model(p) for p in (original, compressed)]

    random = np.random.default_rng(2)
    per = 60
    pieces, labels = [], []
    for k, of in enumerate(held):
        for at in random.permutation(len(of))[:per]:
            pieces.append(cut(of[at], random))
            labels.append(k)
    labels, answers = np.array(labels), [m(encode(pieces))["logits"].argmax(1) for m in models]
    for k, name in enumerate(LABELS):
        print(name, (labels == k).sum(), f"{(answers[0] == k)[labels == k].mean():.2f}", end="; ")
    print()

    seeds_file = compress.MODELS.parent / "seeds" / "sentences.jsonl"
    seeds = [json.loads(line) for line in seeds_file.read_text().splitlines()]
    feed = encode([s["text"] for s in seeds])
    right = [(m(feed)["logits"].argmax(1) == [LABELS.index(s["label"]) for s in seeds]) for m in models]
    print("right on the seeds:", [r.sum() for r in right], [s for s, r in zip(seeds, right[0]) if not r])

    def deviates(a, b):
        return a["logits"].argmax(1) != b["logits"].argmax(1)

    def substitute(row, count, random):
        """Some bytes of small letters become others."""
        ids = row["input_ids"].copy()
        letters = np.flatnonzero((ids[0] >= ord("a") + FIRST) & (ids[0] <= ord("z") + FIRST))
        if len(letters):
            chosen = random.choice(letters, min(count, len(letters)), replace=False)
            ids[0, chosen] = random.integers(ord("a") + FIRST, ord("z") + FIRST + 1, len(chosen))
        return {"input_ids": ids, "attention_mask": row["attention_mask"]}

    measure.card(
        "language", kind="tokens", task="classification", what=f"which of {len(LANGUAGES)} languages a short text is "
        "in", data="translated messages of programs, as Debian's packages " + ", ".join(sorted(set(FILES.values()))) +
        " install them; held out: those of " + ", ".join(sorted(set(HELD_OUT.values()))) +
        ", as far as their texts were not seen. The licences are those of the programs, mostly GPL and LGPL; no text of them is kept here",
        how=f"ByT5's tokens: 0 pads, 1 ends a text, byte b of UTF-8 is b + 3; trained on up to {LONGEST} tokens. The mask is 1 for "
        "tokens and 0 for padding",
        original=net.__doc__ + " Trained in JAX with AdamW, 3,000 steps of 64 texts", compression=compress.DYNAMIC.format(
            what="embedding, convolutions and the last layer"), metric="accuracy", models=models,
        scores=[(a == labels).mean() for a in answers], agreement=(answers[0] == answers[1]).mean(), rows=len(labels),
        seeds="sentences.jsonl", seeds_are=f"{len(seeds)} sentences written for this project (its own licence), with their language",
        found=measure.near(models, feed, deviates, substitute, SUBSTITUTED), unit="small letters a to z replaced", script="tokens.py",
        labels=LABELS)


if __name__ == "__main__":
    main()
