import { data, manualSeed, nn, noGrad, optim, randn } from "tapegrad";

manualSeed(0);
const x = randn(256, 2);
const y = x.at("...", 0).mul(x.at("...", 1)).gt(0).long();

const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 2));
const criterion = new nn.CrossEntropyLoss();
const optimizer = new optim.AdamW(model.parameters(), { lr: 0.02 });
const loader = new data.DataLoader(new data.TensorDataset(x, y), {
  batchSize: 32,
  shuffle: true,
});

for (let epoch = 0; epoch < 20; epoch++) {
  for (const [input, target] of loader) {
    optimizer.zeroGrad();
    const loss = criterion(model(input), target);
    loss.backward();
    optimizer.step();
  }
}
noGrad(() => {
  const accuracy = model(x).argmax(1).eq(y).float().mean();
  console.log(accuracy); // tensor(0.9766)
});
