// SPDX-License-Identifier: MIT

// primes is a plugin in Go. Each line is a number, and the answer is its prime factors.
//
// The event functions run on the serving thread, which is C's. They take the lines off the input and start a goroutine
// for each. A goroutine knows its connection by the id only: it sends the answer to the session, and wakes the
// connection; the handler writes it. Answers keep the order of the lines.
//
// C memory (data, conn) is valid during the call only, so what a goroutine needs is copied. C code keeps no pointer
// into Go: sessions are in a map, by the connection's id.
package main

/*
#cgo pkg-config: shiny-plugin
#include <stdlib.h>
#include <shiny-plugin.h>

static void log_error(const struct shiny_host *host, const char *text)
{
	host->log(host, SHINY_LOG_ERROR, text);
}
*/
import "C"

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unsafe"
)

const (
	lineMax    = 32
	pendingMax = 64 // answers that a connection waits for; more of its lines wait in the input
)

// An answer that is not there yet.
type answer chan string

// What a connection remembers. Only the serving thread uses it.
type session struct {
	id      C.uint64_t
	pending []answer // in the order of the lines
}

var (
	host      *C.struct_shiny_host
	numberMax uint64
	sessions  = map[C.uint64_t]*session{}
	working   sync.WaitGroup
)

func factors(text string) string {
	if text == "panic" {
		panic("a line asked for it")
	}
	if text == "nil" {
		var nobody *session
		return strconv.Itoa(int(nobody.id))
	}
	number, err := strconv.ParseUint(text, 10, 64)
	if err != nil || number < 2 || number > numberMax {
		return "error: no number from 2 to " + strconv.FormatUint(numberMax, 10)
	}
	var all []string
	for factor := uint64(2); number > 1; factor++ {
		if factor*factor > number {
			factor = number
		}
		for ; number%factor == 0; number /= factor {
			all = append(all, strconv.FormatUint(factor, 10))
		}
	}
	return strings.Join(all, " ")
}

// logPanic turns a panic of its caller into a line of the log. Without it a panic would end the worker.
func logPanic() {
	if problem := recover(); problem != nil {
		text := C.CString(fmt.Sprint("panic: ", problem))
		C.log_error(host, text)
		C.free(unsafe.Pointer(text))
	}
}

// work runs on a goroutine, so on any thread.
func work(id C.uint64_t, line string, ret answer) {
	defer working.Done()
	text := "error: internal"
	defer func() {
		ret <- text // has room for it
		C.shiny_server_wake(host.server, id)
	}()
	defer logPanic()
	text = factors(line)
}

func write(conn *C.struct_shiny_conn, text string) bool {
	line := []byte(text + "\n")
	return C.shiny_write(conn, unsafe.Pointer(&line[0]), C.size_t(len(line))) == 0
}

// writeAnswers writes those that are there, up to the first one that is not.
func writeAnswers(conn *C.struct_shiny_conn, s *session) bool {
	for len(s.pending) > 0 {
		select {
		case text := <-s.pending[0]:
			s.pending = s.pending[1:]
			C.shiny_release(conn)
			if !write(conn, text) {
				return false
			}
		default:
			return true
		}
	}
	return true
}

func handle(conn *C.struct_shiny_conn, data []byte) bool {
	s := sessions[C.shiny_id(conn)]
	if s == nil {
		s = &session{id: C.shiny_id(conn)}
		sessions[s.id] = s
	}
	if !writeAnswers(conn, s) {
		return false
	}
	for len(data) > 0 && len(s.pending) < pendingMax && !C.shiny_congested(conn) {
		end := bytes.IndexByte(data, '\n')
		if end > lineMax || end < 0 && len(data) > lineMax {
			return false
		}
		if end < 0 {
			return C.shiny_unread(conn, C.size_t(len(data)), C.size_t(len(data)+1)) == 0
		}
		ret := make(answer, 1)
		s.pending = append(s.pending, ret)
		C.shiny_hold(conn)
		working.Add(1)
		go work(s.id, string(data[:end]), ret)
		data = data[end+1:]
	}
	return C.shiny_unread(conn, C.size_t(len(data)), 0) == 0
}

//export goHandle
func goHandle(conn *C.struct_shiny_conn, data *C.char, size C.size_t) (ok C.bool) {
	defer logPanic()
	return C.bool(handle(conn, unsafe.Slice((*byte)(unsafe.Pointer(data)), int(size))))
}

//export goClosed
func goClosed(conn *C.struct_shiny_conn) {
	delete(sessions, C.shiny_id(conn))
}

//export goLoad
func goLoad(h *C.struct_shiny_host, max C.int64_t) {
	host, numberMax = h, uint64(max)
}

// goUnload waits for the goroutines: once it has returned there is no server to wake.
//
//export goUnload
func goUnload(_ unsafe.Pointer) {
	working.Wait()
}

func main() {} // c-shared asks for one; nothing calls it
