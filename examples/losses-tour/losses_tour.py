"""The tour of losses in PyTorch: prints what the TypeScript program beside it prints."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

failed = False


def section(number, title):
    print(f"\n{number} {title}")


def agree(library, hand):
    global failed
    hand = torch.as_tensor(hand, dtype=library.dtype)
    same = torch.allclose(library, hand.expand_as(library), rtol=1e-5, atol=1e-6)
    failed |= not same
    print("by hand:", hand)
    print("agree:", same)


# ---------------------------------------------------------------- notebook

section("1", "Cross entropy with class numbers, and with distributions")
torch.manual_seed(0)
logits = torch.randn(2, 4)
classes = torch.randint(4, size=(2,))
target_logits = torch.randn(2, 4)
target = torch.softmax(target_logits, dim=-1)
cross_entropy = nn.CrossEntropyLoss()
by_class = cross_entropy(logits, classes)
by_distribution = cross_entropy(logits, target)
print("logits:", logits)
print("classes:", classes)
print(f"against classes: {by_class}")
print(f"against distributions: {by_distribution}")
log_softmax = [[x - math.log(sum(math.exp(y) for y in row)) for x in row] for row in logits.tolist()]
agree(by_class, -sum(row[c] for row, c in zip(log_softmax, classes.tolist())) / 2)
agree(by_distribution, -sum(p * x for ps, xs in zip(target.tolist(), log_softmax) for p, x in zip(ps, xs)) / 2)

section("2", "Negative log-likelihood")
nll = nn.NLLLoss()
by_nll = nll(torch.log(torch.softmax(logits, dim=-1) + 1e-7), classes)
print(f"of log-probabilities: {by_nll}")
agree(by_nll, by_class)

section("3", "Kullback-Leibler divergence")
divergence = nn.KLDivLoss()(torch.log(torch.softmax(logits, dim=-1)), target)
print(f"divergence, over all elements: {divergence}")
parts = [p * (math.log(p) - x) for ps, xs in zip(target.tolist(), log_softmax) for p, x in zip(ps, xs)]
agree(divergence, sum(parts) / 8)

section("4", "Cross entropy is entropy plus divergence")
each_cross_entropy = nn.CrossEntropyLoss(reduction="none")(logits, target)
each_divergence = nn.KLDivLoss(reduction="none")(torch.log(torch.softmax(logits, dim=-1)), target).sum(-1)
each_entropy = torch.distributions.Categorical(probs=target).entropy()
print(f"cross entropy of each sample: {each_cross_entropy}")
print(f"divergence of each sample: {each_divergence}")
print(f"entropy of each target: {each_entropy}")
print(torch.allclose(each_cross_entropy, each_divergence + each_entropy))
agree(each_cross_entropy, each_divergence + each_entropy)

section("5", "Binary cross entropy")
torch.manual_seed(0)
logits = torch.randn(2)
yes = torch.sigmoid(logits)
labels = torch.randint(2, size=(2,))
bce = nn.BCELoss()(yes, labels.float())
print(yes.shape)
print(labels)
print(f"of probabilities of yes: {bce}")
both = torch.cat([1 - yes.unsqueeze(-1), yes.unsqueeze(-1)], dim=-1)
by_nll = nll(torch.log(both), labels)
print(f"of probabilities of no and yes: {by_nll}")
agree(bce, by_nll)

section("6", "Cosine similarity")
torch.manual_seed(0)
v1 = torch.randn(2, 512)
v2 = torch.randn(2, 512)
labels = torch.randint(2, size=(2,)) * 2 - 1
cosine = nn.CosineEmbeddingLoss()(v1, v2, labels)
print("labels:", labels)
print(f"loss: {cosine}")


def angle(a, b):
    dot = sum(x * y for x, y in zip(a, b))
    return dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


cosines = [angle(a, b) for a, b in zip(v1.tolist(), v2.tolist())]
agree(cosine, sum(1 - c if y == 1 else max(0, c) for c, y in zip(cosines, labels.tolist())) / 2)

# -------------------------------------------------------------------- walk

REDUCTIONS = ("none", "sum", "mean")

section("1.1", "CrossEntropyLoss")
inputs = torch.tensor([[1, 2], [1, 3], [1, 3]], dtype=torch.float)
target = torch.tensor([0, 1, 1], dtype=torch.long)
losses = [nn.CrossEntropyLoss(weight=None, reduction=reduction)(inputs, target) for reduction in REDUCTIONS]
print("Cross Entropy Loss:\n ", *losses)
by_hand = [math.log(sum(math.exp(x) for x in row)) - row[c] for row, c in zip(inputs.tolist(), target.tolist())]
agree(losses[0], by_hand)
agree(losses[1], sum(by_hand))
agree(losses[2], sum(by_hand) / 3)
of_first = -1 + math.log(math.exp(1) + math.exp(2))
print(f"first sample by hand: {of_first:.7f}, or {of_first}")
print("reduce=False: ", nn.CrossEntropyLoss(reduce=False)(inputs, target))
weights = torch.tensor([1, 2], dtype=torch.float)
weighted = [nn.CrossEntropyLoss(weight=weights, reduction=reduction)(inputs, target) for reduction in REDUCTIONS]
print("weights: ", weights)
print(*weighted)
agree(weighted[2], (by_hand[0] * 1 + by_hand[1] * 2 + by_hand[2] * 2) / (1 + 2 + 2))

section("1.2", "NLLLoss")
print(nn.NLLLoss()(torch.tensor([[-1.233, 2.678, 0.534]]), torch.tensor([2])))
weights = torch.tensor([1, 1], dtype=torch.float)
for of in (inputs, torch.log_softmax(inputs, dim=1)):
    losses = [nn.NLLLoss(weight=weights, reduction=reduction)(of, target) for reduction in REDUCTIONS]
    print("NLL Loss", *losses)
    agree(losses[0], [-row[c] for row, c in zip(of.tolist(), target.tolist())])

section("1.3", "BCELoss")
inputs = torch.tensor([[1, 2], [2, 2], [3, 4], [4, 5]], dtype=torch.float)
target = torch.tensor([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=torch.float)
probabilities = torch.sigmoid(inputs)
losses = [nn.BCELoss(weight=weights, reduction=reduction)(probabilities, target) for reduction in REDUCTIONS]
print("BCE Loss", *losses)
by_hand = [
    [-math.log(p) if t == 1 else -math.log(1 - p) for p, t in zip(ps, ts)]
    for ps, ts in zip(probabilities.tolist(), target.tolist())
]
agree(losses[0], by_hand)

section("1.4", "BCEWithLogitsLoss")
with_logits = [nn.BCEWithLogitsLoss(weight=weights, reduction=reduction)(inputs, target) for reduction in REDUCTIONS]
print("BCE with logits Loss", *with_logits)
agree(with_logits[0], losses[0])
pos_weight = torch.tensor([3.0])
heavier = nn.BCEWithLogitsLoss(reduction="none", pos_weight=pos_weight)(inputs, target)
print("pos_weight: ", pos_weight)
print(heavier)
agree(heavier, torch.tensor(by_hand) * (1 + 2 * target))

section("1.5", "L1Loss")
inputs = torch.ones((2, 2))
target = torch.ones((2, 2)) * 3
loss = nn.L1Loss(reduction="none")(inputs, target)
print(f"input:{inputs}\ntarget:{target}\nL1 loss:{loss}")
agree(loss, 2.0)

section("1.6", "MSELoss")
loss = nn.MSELoss(reduction="none")(inputs, target)
print(f"MSE loss:{loss}")
agree(loss, 4.0)

section("1.7", "SmoothL1Loss")
inputs = torch.tensor([-3, -1.5, -0.5, 0, 0.5, 1.5, 3])
loss = nn.SmoothL1Loss(reduction="none")(inputs, torch.zeros(7))
print("SmoothL1:", loss)
agree(loss, [x * x / 2 if abs(x) < 1 else abs(x) - 0.5 for x in inputs.tolist()])

section("1.8", "PoissonNLLLoss")
torch.manual_seed(1)
inputs = torch.randn((2, 2))
target = torch.randn((2, 2))
loss = nn.PoissonNLLLoss(log_input=True, full=False, reduction="none")(inputs, target)
print(f"input:{inputs}\ntarget:{target}\nPoisson NLL loss:{loss}")
first = torch.exp(inputs[0, 0]) - target[0, 0] * inputs[0, 0]
print("first element:", first)
agree(loss[0, 0], first)

section("1.9", "KLDivLoss")
inputs = torch.tensor([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]])
target = torch.tensor([[0.9, 0.05, 0.05], [0.1, 0.7, 0.2]])
for of in (inputs, torch.log(inputs)):
    losses = [nn.KLDivLoss(reduction=reduction)(of, target) for reduction in ("none", "mean", "batchmean")]
    print("loss_none:\n{}\nloss_mean:\n{}\nloss_bs_mean:\n{}".format(*losses))
    first = target[0, 0] * (torch.log(target[0, 0]) - of[0, 0])
    print("first element:", first)
    agree(losses[0][0, 0], first)
    agree(losses[2], losses[0].sum() / 2)

section("1.10", "MarginRankingLoss")
x1 = torch.tensor([1.0, 2, 3])
x2 = torch.tensor([2.0, 2, 2])
target = torch.tensor([1.0, 1, -1])
loss = nn.MarginRankingLoss(margin=0, reduction="none")(x1, x2, target)
print("Margin Ranking Loss", loss)
agree(loss, [max(0, -y * (a - b)) for a, b, y in zip(x1.tolist(), x2.tolist(), target.tolist())])

section("1.11", "MultiLabelMarginLoss")
x = torch.tensor([[0.1, 0.2, 0.4, 0.8]])
y = torch.tensor([[0, 3, -1, -1]], dtype=torch.long)
loss = nn.MultiLabelMarginLoss(reduction="none")(x, y)
print("MultiLabel Margin Loss", loss)
x = x[0].tolist()
item_1 = (1 - (x[0] - x[1])) + (1 - (x[0] - x[2]))
item_2 = (1 - (x[3] - x[1])) + (1 - (x[3] - x[2]))
agree(loss, (item_1 + item_2) / len(x))

section("1.12", "SoftMarginLoss")
inputs = torch.tensor([[0.3, 0.7], [0.5, 0.5]])
target = torch.tensor([[-1, 1], [1, -1]], dtype=torch.float)
loss = nn.SoftMarginLoss(reduction="none")(inputs, target)
print("SoftMargin: ", loss)
agree(loss[0, 0], math.log(1 + math.exp(-target[0, 0].item() * inputs[0, 0].item())))

section("1.13", "MultiLabelSoftMarginLoss")
inputs = torch.tensor([[0.3, 0.7, 0.8]])
target = torch.tensor([[0, 1, 1]], dtype=torch.float)
loss = nn.MultiLabelSoftMarginLoss(reduction="none")(inputs, target)
print("MultiLabel SoftMargin: ", loss)
a, b, c = inputs[0].tolist()
i_0 = math.log(math.exp(-a) / (1 + math.exp(-a)))
i_1 = math.log(1 / (1 + math.exp(-b)))
i_2 = math.log(1 / (1 + math.exp(-c)))
agree(loss, (i_0 + i_1 + i_2) / -3)

section("1.14", "MultiMarginLoss")
x = torch.tensor([[0.1, 0.2, 0.7], [0.2, 0.5, 0.3]])
y = torch.tensor([1, 2], dtype=torch.long)
loss = nn.MultiMarginLoss(reduction="none")(x, y)
print("Multi Margin Loss: ", loss)
x = x[0].tolist()
agree(loss[0], ((1 - (x[1] - x[0])) + (1 - (x[1] - x[2]))) / len(x))

section("1.15", "TripletMarginLoss")
anchor, positive, negative = torch.tensor([[1.0]]), torch.tensor([[2.0]]), torch.tensor([[0.5]])
loss = nn.TripletMarginLoss(margin=1.0, p=1)(anchor, positive, negative)
print("Triplet Margin Loss", loss)
agree(loss, max(0, abs(1 - 2) - abs(1 - 0.5) + 1))

section("1.16", "HingeEmbeddingLoss")
inputs = torch.tensor([[1.0, 0.8, 0.5]])
target = torch.tensor([[1, 1, -1]])
loss = nn.HingeEmbeddingLoss(margin=1, reduction="none")(inputs, target)
print("Hinge Embedding Loss", loss)
agree(loss[0, 2], max(0, 1 - inputs[0, 2].item()))

section("1.17", "CosineEmbeddingLoss")
x1 = torch.tensor([[0.3, 0.5, 0.7], [0.3, 0.5, 0.7]])
x2 = torch.tensor([[0.1, 0.3, 0.5], [0.1, 0.3, 0.5]])
target = torch.tensor([[1, -1]], dtype=torch.float)[0]
loss = nn.CosineEmbeddingLoss(margin=0.0, reduction="none")(x1, x2, target)
print("Cosine Embedding Loss", loss)
cosine = angle(x1[0].tolist(), x2[0].tolist())
agree(loss, [1 - cosine, max(0, cosine)])

section("1.18", "CTCLoss")
T, C, N, S, S_MIN = 50, 20, 16, 30, 10
torch.manual_seed(0)
inputs = torch.randn(T, N, C).log_softmax(2).detach().requires_grad_()
target = torch.randint(low=1, high=C, size=(N, S), dtype=torch.long)
input_lengths = torch.full(size=(N,), fill_value=T, dtype=torch.long)
target_lengths = torch.randint(low=S_MIN, high=S, size=(N,), dtype=torch.long)
loss = nn.CTCLoss()(inputs, target, input_lengths, target_lengths)
print("lengths:", target_lengths)
print("CTC loss: ", loss.detach())


def alignments(log_probs, labels):
    """The probability of labels, by the recursion over the steps, scaled at each lest it vanish."""
    states = [0]
    for label in labels:
        states += [label, 0]
    now = [1.0 if s == 0 else 0.0 for s in range(len(states) + 1)]
    log_scale = 0.0
    for t, row in enumerate(log_probs):
        before = now[:]
        for s, label in enumerate(states):
            stay = before[s] if t else (1.0 if s == 0 else 0.0)
            step = before[s - 1] if s > 0 and t else (1.0 if s == 1 else 0.0)
            skip = before[s - 2] if s > 1 and t and label != 0 and label != states[s - 2] else 0.0
            now[s] = (stay + step + skip) * math.exp(row[label])
        scale = sum(now[: len(states)])
        now = [x / scale for x in now]
        log_scale += math.log(scale)
    return log_scale + math.log(now[len(states) - 1] + (now[len(states) - 2] if labels else 0.0))


hand = 0.0
for n in range(N):
    labels = target[n, : target_lengths[n]].tolist()
    hand -= alignments(inputs[:, n].tolist(), labels) / len(labels) / N
agree(loss.detach(), hand)

raise SystemExit(1 if failed else 0)
