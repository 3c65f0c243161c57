package repair

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"
	"gonum.org/v1/gonum/stat"
)

const (
	// ridge is the penalty of the squared weights of features in standard units, beside a mean loss. The result
	// hardly depends on it; it keeps weights finite where triggers and clean inputs can be told apart perfectly.
	ridge = 1e-3
	// mostSteps is far more than the some tens that a fit takes.
	mostSteps = 1000
)

// regression is a logistic regression of standardised features, both classes weighted as if they were as frequent.
type regression struct {
	means, scales, weights []float64
	bias                   float64
}

// fit finds the regression that tells rows of doubt from rows of trust. It has to have some of both.
func fit(ctx context.Context, trust, doubt [][]float64) (regression, error) {
	rows := append(append([][]float64{}, doubt...), trust...)
	n := len(rows[0])
	r := regression{means: make([]float64, n), scales: make([]float64, n)}
	column := make([]float64, len(rows))
	for j := range n {
		for i, row := range rows {
			column[i] = row[j]
		}
		r.means[j], r.scales[j] = stat.PopMeanStdDev(column, nil)
		if r.scales[j] < 1e-6 {
			r.scales[j] = 1 // it is always the same, and its weight will be 0
		}
	}
	x := make([][]float64, len(rows))
	for i, row := range rows {
		x[i] = make([]float64, n+1)
		for j, v := range row {
			x[i][j] = (v - r.means[j]) / r.scales[j]
		}
		x[i][n] = 1
	}
	// sign and weight of a row's margin.
	signed := func(i int) (sign, weight float64) {
		if i < len(doubt) {
			return 1, 0.5 / float64(len(doubt))
		}
		return -1, 0.5 / float64(len(trust))
	}
	problem := optimize.Problem{
		Func: func(w []float64) float64 {
			loss := ridge * floats.Dot(w[:n], w[:n])
			for i, row := range x {
				sign, weight := signed(i)
				loss += weight * softplus(-sign*floats.Dot(row, w))
			}
			return loss
		},
		Grad: func(grad, w []float64) {
			for j := range n {
				grad[j] = 2 * ridge * w[j]
			}
			grad[n] = 0
			for i, row := range x {
				sign, weight := signed(i)
				floats.AddScaled(grad, -sign*weight*sigmoid(-sign*floats.Dot(row, w)), row)
			}
		},
		Status: func() (optimize.Status, error) {
			if err := ctx.Err(); err != nil {
				return optimize.Failure, err
			}
			return optimize.NotTerminated, nil
		},
	}
	found, err := optimize.Minimize(problem, make([]float64, n+1), &optimize.Settings{
		GradientThreshold: 1e-7, MajorIterations: mostSteps,
		Converger: &optimize.FunctionConverge{Absolute: 1e-12, Iterations: 20},
	}, &optimize.LBFGS{})
	switch {
	case ctx.Err() != nil:
		return r, ctx.Err()
	case found == nil, err != nil && !errors.Is(err, optimize.ErrLinesearcherFailure): // at the end of what float64 can tell apart
		return r, fmt.Errorf("logistic regression: %w", err)
	case !(found.F < math.Ln2): // what no features at all would reach
		return r, errors.New("logistic regression: found nothing that tells triggers from clean inputs")
	}
	r.weights, r.bias = found.X[:n:n], found.X[n]
	return r, nil
}

// softplus is log(1 + exp(v)).
func softplus(v float64) float64 {
	if v > 0 {
		return v + math.Log1p(math.Exp(-v))
	}
	return math.Log1p(math.Exp(v))
}

func sigmoid(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
