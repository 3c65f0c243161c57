package engine

import (
	"context"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// encoded hands inputs in the form that a model takes on from the original to the compressed model, which then does not write them once more:
// of large inputs that is a good part of what a search costs beside the models.
type encoded struct {
	inputs model.Encoding // that the original was given; nil for none
	asked  bool           // the original was
	apart  bool           // the compressed model takes another form
}

// answer asks the model, the original first, and reports whether it answered.
func (e *encoded) answer(ctx context.Context, p model.Predictor, batch []input.Input, dst []answer.Answer) (answers []answer.Answer, answered bool, err error) {
	sharer, ok := p.(model.EncodingSharer)
	if !ok {
		return nil, false, nil
	}
	if !e.asked {
		e.asked = true
		answers, e.inputs, err = sharer.AnswerEncoding(ctx, batch, dst)
		return answers, true, err
	}
	if e.inputs == nil {
		return nil, false, nil
	}
	answers, answered, err = sharer.AnswerEncoded(ctx, batch, dst, e.inputs)
	e.apart = err == nil && !answered
	return answers, answered, err
}

// release gives the memory of the inputs back.
func (e *encoded) release() {
	if e.inputs != nil {
		e.inputs.Release()
	}
}

// predictBoth runs both models on inputs that they can take, with at most so many in one call.
func (s *Sides) predictBoth(ctx context.Context, inputs []input.Input, original, compressed answered, most int) error {
	if !s.sharing(most) {
		err := s.original.predictInPieces(ctx, inputs, original, most)
		if err == nil {
			err = s.compressed.predictInPieces(ctx, inputs, compressed, most)
		}
		return err
	}
	for at := 0; at < len(inputs); at += most {
		end := min(at+most, len(inputs))
		if err := s.predictPiece(ctx, inputs[at:end], original.part(at, end), compressed.part(at, end)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sides) predictPiece(ctx context.Context, inputs []input.Input, original, compressed answered) error {
	var e encoded
	defer e.release()
	err := s.original.predictAtOnce(ctx, inputs, original, &e)
	if err == nil {
		err = s.compressed.predictAtOnce(ctx, inputs, compressed, &e)
	}
	if e.apart {
		s.apart.Store(true)
	}
	return err
}

// sharing reports whether both models may be asked one after the other in calls of so many inputs, for the sake of what they share.
func (s *Sides) sharing(most int) bool {
	if s.apart.Load() {
		return false
	}
	for _, m := range s.models() {
		if _, ok := m.predictor.(model.EncodingSharer); !ok {
			return false
		}
		if limit := m.described().MaxBatch; limit > 0 && limit < most {
			return false
		}
	}
	return true
}
