from fastapi import APIRouter, Depends, FastAPI
from flask import Blueprint, Flask, abort

app = Flask(__name__)
api = FastAPI()
guarded = APIRouter(dependencies=[Depends(check)])


# ruleid: python-admin-route-without-auth
@app.route("/admin/users", methods=["POST"])
def create_user():
    return save()


# ok: python-admin-route-without-auth
@app.route("/admin/users/<name>")
@login_required
def show_user(name):
    return load(name)


# ok: python-admin-route-without-auth
@app.route("/admin/orders")
def orders():
    if not g.user.is_admin:
        abort(403)
    return load()


# ok: python-admin-route-without-auth
@app.route("/administration-guide")
def guide():
    return load()


# ruleid: python-admin-route-without-auth
@api.delete("/api/v1/admin/users/{number}")
async def delete_user(number: int):
    remove(number)


# ok: python-admin-route-without-auth
@api.delete("/admin/orders/{number}")
async def delete_order(number: int, user: User = Depends(admin)):
    remove(number)


# ok: python-admin-route-without-auth
@guarded.get("/admin/stats")
async def stats():
    return load()
