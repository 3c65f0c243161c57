// Package input says what models are given: inputs, where they start from, and how they are changed. It knows no models
// and no files.
//
//   - an [Input] is an array of numbers with its shape, its [Kind] and the [Domain] of its values, in raw units: [NewImage],
//     [NewRow]; [Join] makes one of several named parts, searched or fixed
//   - a [Seed] is an input to search around; [Seeds] are many of them, [SeedList] those in memory
//   - a [Mutator] makes a changed input of another one, a [SeverityMutator] by as much as it is told; [Blend] mixes two
//   - a [Distribution] is a population to draw inputs from, for rates
//
// Package generators has mutators, seeds of files and distributions that are ready to use.
package input
