package enginetest

import "github.com/triggerfinder/triggerfinder/engine"

// Observed is a strategy that shows what it is told: Pool is given the seeds that it sees first, and Tell, before the strategy
// itself, what a seed's searcher is told. Either may be nil.
type Observed struct {
	engine.PoolStrategy
	Tell func(engine.Task, []engine.Evaluation)
	Pool func([]engine.Evaluation)
}

// WithPool implements [engine.PoolStrategy].
func (o Observed) WithPool(pool []engine.Evaluation) engine.Strategy {
	if o.Pool != nil {
		o.Pool(pool)
	}
	return Observed{o.PoolStrategy.WithPool(pool).(engine.PoolStrategy), o.Tell, o.Pool}
}

// NewSearcher implements [engine.Strategy].
func (o Observed) NewSearcher(task engine.Task) (engine.Searcher, error) {
	searcher, err := o.PoolStrategy.NewSearcher(task)
	if err != nil || o.Tell == nil {
		return searcher, err
	}
	return observedSearcher{searcher.(closingHistorian), o, task}, nil
}

type closingHistorian interface {
	engine.Closer
	engine.Historian
}

type observedSearcher struct {
	closingHistorian
	strategy Observed
	task     engine.Task
}

func (s observedSearcher) Tell(evaluations []engine.Evaluation) {
	s.strategy.Tell(s.task, evaluations)
	s.closingHistorian.Tell(evaluations)
}
