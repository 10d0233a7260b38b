package kube

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// condition says how a pod is that does not serve, like kubectl's column STATUS,
// with the reason that the cluster gives.
func condition(pod *corev1.Pod) string {
	if pod.DeletionTimestamp != nil {
		return "terminating"
	}
	if pod.Status.Reason != "" { // as of an evicted one
		return pod.Status.Reason + because("", pod.Status.Message)
	}
	if pod.Status.Phase == corev1.PodSucceeded {
		return "finished"
	}
	for _, s := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		if trouble := trouble(s); trouble != "" {
			return trouble
		}
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return "not on a node" + because(c.Reason, c.Message)
		}
	}
	if pod.Status.Phase == corev1.PodRunning {
		return "not ready"
	}
	return strings.ToLower(string(pod.Status.Phase))
}

// trouble is why a container does not run, or "". PodInitializing is the wait for
// another container, which says more.
func trouble(s corev1.ContainerStatus) string {
	if w := s.State.Waiting; w != nil && w.Reason != "" && w.Reason != "PodInitializing" {
		text := fmt.Sprintf("in %s: container %s%s", w.Reason, s.Name, because("", w.Message))
		if last := s.LastTerminationState.Terminated; last != nil {
			text += fmt.Sprintf("; it last ended with exit code %d%s", last.ExitCode, because(last.Reason, last.Message))
		}
		return text
	}
	if t := s.State.Terminated; t != nil && t.ExitCode != 0 {
		return fmt.Sprintf("not running: container %s ended with exit code %d%s", s.Name, t.ExitCode, because(t.Reason, t.Message))
	}
	return ""
}

// because is a reason and a message in brackets, in one line that a status can
// show, or "".
func because(reason, message string) string {
	const most = 200 // characters
	text := strings.Join(strings.Fields(strings.Trim(reason+": "+message, ": ")), " ")
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}
