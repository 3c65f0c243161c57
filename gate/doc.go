// Package gate decides whether a compressed model may ship, and on what evidence.
//
// A search without a bound finds a deviation for nearly every seed, so a gate speaks of rates under a
// distribution of inputs ([Rate]), of flips on labelled inputs ([Flips]), and of what became worse since
// the last release ([Comparison]). What makes a green result mean something is measured beside it: how
// often the same search finds a change that is known to be there ([Canary]), and how much the models differ from
// themselves under other settings of the runtime ([Noise]).
package gate
