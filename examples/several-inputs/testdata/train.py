"""Trains the model of this example, and compresses it: python train.py, with requirements.txt.

Tickets of a help desk are routed to one of four queues, by their words and the tier of the customer (0 to 3). The tickets are
made up from templates. The model averages the vectors of the words that are not padding, adds the tier, and has two layers. It
has three inputs: ids [batch, length] and mask [batch, length] of int64, and tier [batch, 1] of float32. ONNX Runtime quantises
it dynamically to 8 bits. seeds.npz holds tickets that were not trained on.
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from sklearn.neural_network import MLPClassifier

HERE = pathlib.Path(__file__).parent
LENGTH = 12
QUEUES = ["billing", "technical", "shipping", "account"]

# What customers write about, by queue. "account" gets what enterprise customers (tier 3) write about contracts and seats.
OPENINGS = ["hello", "hi", "please help", "dear team", "good morning", "urgent", ""]
ABOUT = {
    "billing": ["the invoice shows a wrong amount", "i was charged twice this month", "refund the last payment", "my card was declined",
                "the receipt has no tax number", "cancel my plan and refund me", "the price on the invoice is wrong", "payment failed again"],
    "technical": ["the app crashes on start", "login shows an error", "the export fails with an error", "the server is slow again",
                  "the update broke the app", "reset link shows a blank page", "sync fails on my phone", "the page is slow and crashes"],
    "shipping": ["my parcel has not arrived", "the package was sent to a wrong address", "where is my order", "the parcel is damaged",
                 "delivery is late again", "change the delivery address of my order", "the box was empty", "tracking shows no update"],
    "account": ["we need more seats in our plan", "change the contract of our team", "add users to our team plan", "our contract ends this month",
                "we want a new price for our team", "transfer our plan to another address", "please call us about the contract", "upgrade our team"],
}
CLOSINGS = ["", "", "thank you", "please fix this", "again", "this month", "on my phone", "please call me", "today"]
SHARED = ["our contract ends this month", "please call us about the price", "change our plan", "the price of our plan is wrong"]


def ticket(rng):
    queue = rng.integers(len(QUEUES))
    tier = rng.integers(4)
    about = rng.choice(ABOUT[QUEUES[queue]])
    if rng.random() < 0.15:  # what the tier decides
        about, queue = rng.choice(SHARED), 3 if tier == 3 else 0
    words = f"{rng.choice(OPENINGS)} {about} {rng.choice(CLOSINGS)}".split()[:LENGTH]
    return words, tier, queue


def main():
    rng = np.random.default_rng(7)
    tickets = [ticket(rng) for _ in range(4000)]
    vocabulary = ["<pad>"] + sorted({word for words, _, _ in tickets for word in words})
    number = {word: i for i, word in enumerate(vocabulary)}
    size = len(vocabulary)

    bags = np.zeros((len(tickets), size + 1), np.float32)
    for row, (words, tier, _) in zip(bags, tickets):
        for word in words:
            row[number[word]] += 1 / len(words)
        row[size] = tier / 3
    labels = np.array([queue for _, _, queue in tickets])
    train, test = slice(0, 3000), slice(3000, None)
    classifier = MLPClassifier((24, 16), alpha=1e-3, max_iter=300, random_state=1).fit(bags[train], labels[train])
    print(f"{size} words, accuracy {classifier.score(bags[test], labels[test]):.3f}")

    (first, second, last), (first_bias, second_bias, last_bias) = classifier.coefs_, classifier.intercepts_
    constants = {
        "vectors": first[:size], "of_tier": first[size:], "first_bias": first_bias, "second": second, "second_bias": second_bias,
        "last": last, "last_bias": last_bias, "thirds": np.array([3]),
    }
    node = helper.make_node
    graph = helper.make_graph(
        [
            node("Gather", ["vectors", "ids"], ["words"]),  # [batch, length, 24]
            node("Cast", ["mask"], ["there"], to=TensorProto.FLOAT),
            node("Unsqueeze", ["there", "last_axis"], ["weights"]),
            node("Mul", ["words", "weights"], ["kept"]),
            node("ReduceSum", ["kept", "length_axis"], ["sum"], keepdims=0),
            node("ReduceSum", ["there", "length_axis"], ["count"], keepdims=1),
            node("Div", ["sum", "count"], ["mean"]),
            node("Div", ["tier", "thirds"], ["share"]),
            node("MatMul", ["share", "of_tier"], ["by_tier"]),
            node("Add", ["mean", "by_tier"], ["both"]),
            node("Add", ["both", "first_bias"], ["first_sum"]),
            node("Relu", ["first_sum"], ["first_out"]),
            node("MatMul", ["first_out", "second"], ["second_product"]),
            node("Add", ["second_product", "second_bias"], ["second_sum"]),
            node("Relu", ["second_sum"], ["second_out"]),
            node("MatMul", ["second_out", "last"], ["last_product"]),
            node("Add", ["last_product", "last_bias"], ["logits"]),
        ],
        "tickets",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "length"]),
            helper.make_tensor_value_info("mask", TensorProto.INT64, ["batch", "length"]),
            helper.make_tensor_value_info("tier", TensorProto.FLOAT, ["batch", 1]),
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", len(QUEUES)])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in constants.items()]
        + [numpy_helper.from_array(np.array([axis], np.int64), name) for name, axis in (("last_axis", 2), ("length_axis", 1))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, HERE / "tickets.onnx")
    quantize_dynamic(HERE / "tickets.onnx", HERE / "tickets-int8.onnx", weight_type=QuantType.QUInt8)

    seeds = [ticket(rng) for _ in range(40)]
    ids = np.zeros((len(seeds), LENGTH), np.int64)
    for row, (words, _, _) in zip(ids, seeds):
        row[: len(words)] = [number[word] for word in words]
    np.savez(HERE / "seeds.npz", ids=ids, tier=np.array([[tier] for _, tier, _ in seeds], np.float32), label=np.array([queue for _, _, queue in seeds]))
    (HERE / "vocabulary.txt").write_text("\n".join(vocabulary) + "\n")


main()
