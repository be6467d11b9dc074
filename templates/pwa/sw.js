// The service worker of this release. The names below carry a hash of what is in them: a new release is a new worker.
self.OPIC = { shell: {{ shell_json|safe }}, offline: "{{ offline }}" };
{% for part in parts %}importScripts("{{ part }}");
{% endfor %}
