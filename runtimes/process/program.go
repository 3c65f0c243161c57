package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// grace is how long a program has to end by itself when its standard input has ended.
const grace = 2 * time.Second

// program is a command that runs. Only one goroutine asks it at a time.
type program struct {
	stdin, stdout *os.File
	in            *reader
	stderr        *tail
	hello         *greeting
	next          uint64 // number of the next question

	process *os.Process
	exited  chan struct{} // closed when it has ended, and state is there
	state   *os.ProcessState

	mu    sync.Mutex
	cause error // of its end, where we have ended it
}

// start starts the command, and reads its greeting.
func start(command []string, s *settings) (*program, error) {
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	back, answers, err := os.Pipe()
	if err != nil {
		theirs.Close()
		ours.Close()
		return nil, err
	}
	p := &program{stdin: ours, stdout: back, in: newReader(back), stderr: &tail{}, exited: make(chan struct{})}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = s.dir, theirs, answers, p.stderr
	if s.env != nil {
		cmd.Env = append(os.Environ(), s.env...)
	}
	cmd.WaitDelay = grace / 2 // after its end, for what others hold its standard error open
	inGroup(cmd)
	started := make(chan error)
	go func() {
		// On Linux a program is killed when the thread ends that started it, so that thread has to stay.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		theirs.Close()
		answers.Close()
		p.process = cmd.Process
		started <- err
		if err != nil {
			return
		}
		_ = cmd.Wait() // the state says it all
		killGroup(cmd.Process)
		p.state = cmd.ProcessState
		close(p.exited)
	}()
	if err := <-started; err != nil {
		p.stdin.Close()
		p.stdout.Close()
		return nil, fmt.Errorf("expected a program that can be started: %w", err)
	}
	late := time.AfterFunc(s.startTimeout, func() {
		p.kill(fmt.Errorf("expected a greeting within %v, found none; process.StartTimeout gives it longer", s.startTimeout))
	})
	defer late.Stop()
	if p.hello, err = p.in.greeting(); err != nil {
		err = p.failed(err, "before its greeting")
		p.kill(err)
		return nil, err
	}
	return p, nil
}

// cancelled is the end of a program whose answer nobody waits for.
type cancelled struct{ error }

func (c cancelled) Unwrap() error { return c.error }

// crash is the end of a program that nobody has asked for.
type crash struct{ error }

func (c crash) Unwrap() error { return c.error }

// failed makes an error of one that came up while the program was written to or read from.
func (p *program) failed(err error, when string) error {
	var told toldError
	if errors.As(err, &told) {
		return err
	}
	if cause := p.endedBy(); cause != nil {
		return p.withStderr(cause)
	}
	if !errors.Is(err, errEnded) {
		return p.withStderr(err)
	}
	// What it has closed ends with it, or it is ended.
	select {
	case <-p.exited:
	case <-time.After(grace):
		p.kill(err)
		return p.withStderr(crash{fmt.Errorf("the program closed its standard output %s, and did not end", when)})
	}
	return p.withStderr(crash{fmt.Errorf("%w %s (%s)", err, when, p.state)})
}

// withStderr quotes what the program printed last.
func (p *program) withStderr(err error) error {
	select {
	case <-p.exited: // all of it is there
	case <-time.After(100 * time.Millisecond): // what explains an error may come after it
	}
	if text := p.stderr.last(); text != "" {
		return quoted{err, text}
	}
	return err
}

// quoted is an error with what a program printed.
type quoted struct {
	error
	printed string
}

func (q quoted) Error() string {
	return q.error.Error() + "; its standard error ends with:\n  " + strings.ReplaceAll(q.printed, "\n", "\n  ")
}

func (q quoted) Unwrap() error { return q.error }

func (p *program) endedBy() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cause
}

// ended reports whether the program can be asked no more.
func (p *program) ended() bool {
	select {
	case <-p.exited:
		return true
	default:
		return p.endedBy() != nil
	}
}

// kill ends the program at once, with all that it has started.
func (p *program) kill(cause error) {
	p.mu.Lock()
	first := p.cause == nil
	if first {
		p.cause = cause
	}
	p.mu.Unlock()
	if !first {
		return
	}
	select {
	case <-p.exited:
	default:
		killGroup(p.process)
	}
	p.stdin.Close()
	p.stdout.Close() // ends reading, where others hold it open
}

// stop ends the program as it should end: at the end of its standard input.
func (p *program) stop() {
	p.stdin.Close()
	select {
	case <-p.exited:
	case <-time.After(grace):
	}
	p.kill(errClosed)
	<-p.exited
}

var errClosed = errors.New("the program was ended")

// ask has the program answer a question.
func (p *program) ask(ctx context.Context, timeout time.Duration, q *question, inputs []predictor.Memory, outputs []wanted) error {
	late := time.AfterFunc(timeout, func() {
		p.kill(fmt.Errorf("expected an answer within %v, found none; process.Timeout gives a batch longer", timeout))
	})
	defer late.Stop()
	if ctx.Done() != nil {
		defer context.AfterFunc(ctx, func() { p.kill(cancelled{ctx.Err()}) })()
	}
	p.next++
	asked := *q
	asked.ID = p.next
	err := p.put(&asked, inputs)
	if err == nil {
		err = p.in.answer(asked.ID, p.hello.Outputs, outputs)
	}
	if err == nil {
		return nil
	}
	return p.failed(err, "before it had answered a batch")
}

// put writes a question.
func (p *program) put(q *question, inputs []predictor.Memory) error {
	line, err := json.Marshal(q)
	if err != nil {
		return err
	}
	if _, err := p.stdin.Write(append(line, '\n')); err != nil {
		return errEnded // it reads no more
	}
	for _, m := range inputs {
		if _, err := p.stdin.Write(m.Data); err != nil {
			return errEnded
		}
	}
	return nil
}
