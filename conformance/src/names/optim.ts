/** Classes of torch.optim: they name the settings that they do not know, so every keyword is passed on. */
export const optimTable = `
ASGD(params, { ** })
Adadelta(params, { ** })
Adafactor(params, { ** })
Adagrad(params, { ** })
Adam(params, { ** })
AdamW(params, { ** })
Adamax(params, { ** })
LBFGS(params, { ** })
Muon(params, { ** })
NAdam(params, { ** })
RAdam(params, { ** })
RMSprop(params, { ** })
Rprop(params, { ** })
SGD(params, { ** })
`;

/** Classes of torch.optim.lr_scheduler. */
export const schedulersTable = `
ChainedScheduler(schedulers, { optimizer })
ConstantLR(optimizer, { factor, total_iters, last_epoch })
CosineAnnealingLR(optimizer, T_max, { eta_min, last_epoch }) -> CosineAnnealingLR(optimizer, T_max, { etaMin: eta_min, lastEpoch: last_epoch })
CosineAnnealingWarmRestarts(optimizer, T_0, { T_mult, eta_min, last_epoch }) -> CosineAnnealingWarmRestarts(optimizer, T_0, { tMult: T_mult, etaMin: eta_min, lastEpoch: last_epoch })
CyclicLR(optimizer, base_lr, max_lr, { step_size_up, step_size_down, mode, gamma, scale_fn, scale_mode, cycle_momentum, base_momentum, max_momentum, last_epoch })
ExponentialLR(optimizer, gamma, { last_epoch })
LambdaLR(optimizer, lr_lambda, { last_epoch })
LinearLR(optimizer, { start_factor, end_factor, total_iters, last_epoch })
MultiStepLR(optimizer, milestones, { gamma, last_epoch })
MultiplicativeLR(optimizer, lr_lambda, { last_epoch })
OneCycleLR(optimizer, max_lr, { total_steps, epochs, steps_per_epoch, pct_start, anneal_strategy, cycle_momentum, base_momentum, max_momentum, div_factor, final_div_factor, three_phase, last_epoch })
PolynomialLR(optimizer, { total_iters, power, last_epoch })
ReduceLROnPlateau(optimizer, { mode, factor, patience, threshold, threshold_mode, cooldown, min_lr, eps })
SequentialLR(optimizer, schedulers, milestones, { last_epoch })
StepLR(optimizer, step_size, { gamma, last_epoch })
`;
