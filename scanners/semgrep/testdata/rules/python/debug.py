import os

import debugpy
from fastapi import FastAPI
from flask import Flask
from werkzeug.serving import run_simple

# a complete Django settings file
INSTALLED_APPS = ["shop"]
# ruleid: python-debug-mode
DEBUG = True
# ok: python-debug-mode
DEBUG = os.environ.get("DEBUG") == "1"
# ok: python-debug-mode
DEBUG = False

app = Flask(__name__)
# ruleid: python-debug-mode
app.debug = True
# ruleid: python-debug-mode
app.config["DEBUG"] = True
# ruleid: python-debug-mode
api = FastAPI(debug=True)
# ok: python-debug-mode
other = FastAPI(debug=False)

if __name__ == "__main__":
    # ruleid: python-debug-mode
    app.run(port=8000, debug=True)
    # ok: python-debug-mode
    app.run(debug=os.environ.get("APP_DEBUG") == "1")
    # ok: python-debug-mode
    asyncio.run(main(), debug=True)

    # ruleid: python-debugger-bound-to-all
    app.run(host="0.0.0.0", port=8000, debug=True)
    # ruleid: python-debugger-bound-to-all
    app.run("0.0.0.0", 8000, debug=True)
    # ruleid: python-debugger-bound-to-all
    debugpy.listen(("0.0.0.0", 5678))
    # ruleid: python-debugger-bound-to-all
    run_simple("0.0.0.0", 8000, app, use_debugger=True)
    # ok: python-debugger-bound-to-all
    app.run(host="0.0.0.0", port=8000)
    # ok: python-debugger-bound-to-all
    debugpy.listen(("127.0.0.1", 5678))
