package e2e_test

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/portolan-app/portolan/internal/portolan"
)

// busybox is the image of the workload unless another is named: public, small, and
// with a shell and servers for every port that the suite needs.
const busybox = "registry.k8s.io/e2e-test-images/busybox:1.37.0-1"

// script makes busybox serve the ports. An image that is named serves them itself.
const script = `
mkdir -p /tmp/www && echo "hello from $(hostname)" >/tmp/www/index.html
tcpsvd -c 500 0.0.0.0 7000 cat &
tcpsvd -c 500 0.0.0.0 7001 sh -c 'head -c $((0x$(head -c 8 | xxd -p))) /dev/zero' &
exec httpd -f -p 8080 -h /tmp/www
`

// podSpec is the workload's. It asks for nothing that a namespace of the level
// "restricted" refuses.
func podSpec(image string) corev1.PodSpec {
	var no, nonRoot, grace, user = false, true, int64(2), int64(65532)
	server := corev1.Container{
		Name: "server", Image: image, ImagePullPolicy: corev1.PullIfNotPresent,
		Ports: []corev1.ContainerPort{
			{Name: "echo", ContainerPort: echoPort}, {Name: "source", ContainerPort: sourcePort}, {Name: "http", ContainerPort: httpPort},
		},
		ReadinessProbe: &corev1.Probe{PeriodSeconds: 1, ProbeHandler: corev1.ProbeHandler{
			HTTPGet: &corev1.HTTPGetAction{Path: "/", Port: intstr.FromString("http")}}},
		SecurityContext: &corev1.SecurityContext{AllowPrivilegeEscalation: &no, RunAsNonRoot: &nonRoot, RunAsUser: &user,
			Capabilities:   &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
	}
	if image == busybox {
		server.Command = []string{"sh", "-c", script}
	}
	return corev1.PodSpec{Containers: []corev1.Container{server}, TerminationGracePeriodSeconds: &grace, AutomountServiceAccountToken: &no}
}

// gate is the condition by which a test says that a steered pod is ready.
const gate = "portolan.example/e2e"

// steered makes pods ready when the gate says so, and lets them serve on after their
// end has begun.
func steered(pods corev1.PodSpec) corev1.PodSpec {
	grace := int64(25)
	pods.TerminationGracePeriodSeconds = &grace
	pods.ReadinessGates = []corev1.PodReadinessGate{{ConditionType: gate}}
	pods.Containers[0].Lifecycle = &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: 20}}}
	return pods
}

// workload is the object of a kind that runs these pods.
func workload(kind portolan.WorkloadType, name string, replicas int, pods corev1.PodSpec) (runtime.Object, error) {
	meta := metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": name}}
	count, selector := int32(replicas), &metav1.LabelSelector{MatchLabels: meta.Labels}
	template := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: meta.Labels}, Spec: pods}
	apps := func(kind string) metav1.TypeMeta { return metav1.TypeMeta{APIVersion: "apps/v1", Kind: kind} }
	switch kind {
	case portolan.Pod:
		return &corev1.Pod{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}, ObjectMeta: meta, Spec: pods}, nil
	case portolan.Deployment:
		return &appsv1.Deployment{TypeMeta: apps("Deployment"), ObjectMeta: meta,
			Spec: appsv1.DeploymentSpec{Replicas: &count, Selector: selector, Template: template}}, nil
	case portolan.StatefulSet:
		return &appsv1.StatefulSet{TypeMeta: apps("StatefulSet"), ObjectMeta: meta,
			Spec: appsv1.StatefulSetSpec{Replicas: &count, Selector: selector, Template: template, ServiceName: name}}, nil
	case portolan.DaemonSet:
		return &appsv1.DaemonSet{TypeMeta: apps("DaemonSet"), ObjectMeta: meta,
			Spec: appsv1.DaemonSetSpec{Selector: selector, Template: template}}, nil
	case portolan.ReplicaSet:
		return &appsv1.ReplicaSet{TypeMeta: apps("ReplicaSet"), ObjectMeta: meta,
			Spec: appsv1.ReplicaSetSpec{Replicas: &count, Selector: selector, Template: template}}, nil
	case portolan.Job:
		template.Spec.RestartPolicy = corev1.RestartPolicyNever
		return &batchv1.Job{TypeMeta: metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"}, ObjectMeta: meta,
			Spec: batchv1.JobSpec{Template: template}}, nil
	case portolan.Service, portolan.Proxy, portolan.Expose: // no workloads
	}
	return nil, fmt.Errorf("there is no workload of the kind %s", kind)
}

// service is one before the pods of a workload; see [bed].
func service(name, workload string, headless bool) *corev1.Service {
	s := &corev1.Service{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}, ObjectMeta: metav1.ObjectMeta{Name: name}}
	s.Spec.Selector = map[string]string{"app": workload}
	if headless {
		s.Spec.ClusterIP = corev1.ClusterIPNone
		s.Spec.Ports = []corev1.ServicePort{{Name: "http", Port: httpPort}}
		return s
	}
	s.Spec.Ports = []corev1.ServicePort{
		{Name: "echo", Port: echoPort, TargetPort: intstr.FromString("echo")},
		{Name: "source", Port: sourcePort, TargetPort: intstr.FromString("source")},
		{Name: "closed", Port: closedPort},
		{Name: "http", Port: 80, TargetPort: intstr.FromString("http")},
	}
	return s
}

// account is a service account that may do just this in its namespace.
func account(name string, rights []right) []runtime.Object {
	var rules []rbacv1.PolicyRule
	for _, r := range rights {
		rules = append(rules, rbacv1.PolicyRule{APIGroups: []string{"", "apps", "batch", "discovery.k8s.io"},
			Resources: []string{r.resource}, Verbs: []string{r.verb}})
	}
	meta, rbac := metav1.ObjectMeta{Name: name}, rbacv1.SchemeGroupVersion.String()
	return []runtime.Object{
		&corev1.ServiceAccount{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"}, ObjectMeta: meta},
		&rbacv1.Role{TypeMeta: metav1.TypeMeta{APIVersion: rbac, Kind: "Role"}, ObjectMeta: meta, Rules: rules},
		&rbacv1.RoleBinding{TypeMeta: metav1.TypeMeta{APIVersion: rbac, Kind: "RoleBinding"}, ObjectMeta: meta,
			Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Name: name}},
			RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name}},
	}
}
