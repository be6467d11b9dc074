// The service worker of this release. The names below carry a hash of what is in them: a new release is a new worker.
self.OPIC = { shell: {{ shell_json|safe }}, offline: "{{ offline }}" };
self.OPIC_PARTS = {{ parts_json|safe }};
// a worker has a policy of its own: it loads these parts and nothing else
self.trustedTypes?.createPolicy("default", { createScriptURL: (url) => (self.OPIC_PARTS.includes(url) ? url : null) });
{% for part in parts %}importScripts("{{ part }}");
{% endfor %}
