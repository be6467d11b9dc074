"""What gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opic.settings")
application = get_wsgi_application()

# what is loaded stays: no collection walks it again, and workers share its pages
gc.collect()
gc.freeze()
