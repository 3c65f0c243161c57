package predictor

import (
	"context"
	"reflect"
	"runtime"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

var _ model.EncodingSharer = (*Model)(nil)

// encoding is what a lane has written for its latest run. The lane is not used for another one until it is released.
type encoding struct {
	model *Model
	lane  *lane
}

// Release implements [model.Encoding].
func (e *encoding) Release() { e.model.end(e.lane) }

// AnswerEncoding implements [model.EncodingSharer].
func (m *Model) AnswerEncoding(ctx context.Context, batch []input.Input, dst []answer.Answer) ([]answer.Answer, model.Encoding, error) {
	l, r, err := m.begin(ctx, batch)
	if err != nil {
		return dst, nil, err
	}
	l.written = 0
	keeps := false
	defer func() {
		if !keeps {
			m.end(l)
		}
	}()
	dst, err = m.answer(ctx, l, r, batch, dst)
	if err != nil || l.shape.set != nil || m.config.steps != nil || l.written != len(batch) { // by parts, in steps or in several runs
		return dst, nil, err
	}
	keeps = true
	l.kept = encoding{m, l}
	return dst, &l.kept, nil
}

// AnswerEncoded implements [model.EncodingSharer].
func (m *Model) AnswerEncoded(ctx context.Context, batch []input.Input, dst []answer.Answer, as model.Encoding) (answers []answer.Answer, taken bool, err error) {
	e, ok := as.(*encoding)
	if !ok {
		return dst, false, nil
	}
	r := m.reading.Load()
	if !r.ready() || m.together(batch, r.description.MaxBatch) != len(batch) {
		return dst, false, nil
	}
	if err := m.takesAll(batch); err != nil {
		return dst, false, err
	}
	guest, err := m.lanes.guest(ctx, e.lane, func() bool { return m.encodesLike(e.model) })
	if err != nil {
		return dst, false, m.errorf("%w", err)
	}
	if guest == nil {
		return dst, false, nil
	}
	defer runtime.KeepAlive(m)
	defer m.lanes.leave(guest)
	dst, err = m.answer(ctx, guest, r, batch, dst)
	return dst, true, err
}

// encodesLike reports whether both models get the same bytes for each input.
func (m *Model) encodesLike(o *Model) bool {
	return m.encoder != nil && m.config.steps == nil && reflect.DeepEqual(m.input.form(), o.input.form())
}

// encodedForm is all on which it depends what an input is in a tensor.
type encodedForm struct {
	element                   Element
	rank, height, width       int
	channels, features, batch int
	layout                    Order
	colors                    ColorOrder
	affine                    affine
	quant                     Quantization
	quantized, raw, greyToRGB bool
}

func (in *imageInput) form() encodedForm {
	f := encodedForm{
		element: in.Element, rank: len(in.Shape), height: in.height, width: in.width, channels: in.channels, features: in.features, batch: in.batch,
		layout: in.layout, colors: in.how.colors, affine: newAffine(in, &in.how), quantized: in.quant != nil, raw: in.raw, greyToRGB: in.how.greyToRGB,
	}
	if in.quant != nil {
		f.quant = *in.quant
	}
	return f
}

// guest is a lane that reads what another one, of this model or another one, has written; nil where that is of no use. Who gets one gives it back
// to leave, before the other lane is used for something else.
func (l *lanes) guest(ctx context.Context, of *lane, alike func() bool) (*lane, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, ErrClosed
	}
	g, known := l.guests[of]
	if !known {
		if alike() {
			g = &lane{host: of}
		}
		if l.guests == nil {
			l.guests = map[*lane]*lane{}
		}
		l.guests[of] = g
	}
	if g == nil {
		return nil, nil
	}
	l.running++
	g.ctx = ctx
	if len(g.in) != len(of.in) || &g.in[0] != &of.in[0] {
		g.close()
		g.in = of.in
		g.renew(len(g.in), len(g.out))
	}
	return g, nil
}

// leave gives a guest back.
func (l *lanes) leave(g *lane) {
	g.ctx = nil
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running--
	if l.running == 0 {
		l.returned.Broadcast()
	}
}
