package app_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdStranger fetches a URL as another user of this machine, for which a script
// must run as root: stranger URL.
func cmdStranger(ts *testscript.TestScript, neg bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	cmd.Args = []string{"fetch", args[0]}
	cmd.Env = []string{"GORACE=atexit_sleep_ms=0"}
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	asNobody(cmd)
	if err := cmd.Run(); (err == nil) == neg {
		ts.Fatalf("a stranger's request ends with %v", err)
	}
}

// fetch is a program of its own: it prints what a URL answers, and fails without
// an answer.
func fetch(url string) int {
	client := http.Client{Timeout: patience}
	resp, err := client.Get(url)
	if err != nil {
		_, _ = io.WriteString(os.Stderr, err.Error()+"\n")
		return 1
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.WriteString(os.Stdout, resp.Status+"\n")
	_, err = io.Copy(os.Stdout, resp.Body)
	if err != nil {
		return 1
	}
	return 0
}
