"""Trains a digit classifier in PyTorch and records every number a port must reproduce.

Run:  python3 digits_mlp.py ../digits/data/digits.csv > __fixtures__/digits_mlp.json   (torch 2.13.0 CPU, x86-64 with AVX2 or later)
"""
import json
import sys

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.set_num_threads(1)
rows = torch.tensor([[int(v) for v in line.split(",")] for line in open(sys.argv[1])])
images, labels = rows[:, :64].float() / 16, rows[:, 64]
train = TensorDataset(images[:1437], labels[:1437])
test_images, test_labels = images[1437:], labels[1437:]

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=12)
loader = DataLoader(train, batch_size=32, shuffle=True)

initial = {name: p.detach().flatten()[:4].tolist() for name, p in model.named_parameters()}
losses, accuracies, first_batch = [], [], None
for epoch in range(12):
    model.train()
    for x, y in loader:
        first_batch = first_batch if first_batch is not None else y.tolist()
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    model.eval()
    with torch.no_grad():
        accuracies.append((model(test_images).argmax(1) == test_labels).float().mean().item())
json.dump({"torch": torch.__version__, "initial": initial, "first_batch_labels": first_batch, "losses": losses,
           "test_accuracy_per_epoch": accuracies,
           "final_weight_norms": {name: p.detach().double().norm().item() for name, p in model.named_parameters()}}, sys.stdout)
