"""A FastAPI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request

from stemp_sdk import AsyncStemp, Stemp, presets


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, AsyncStemp]]:
    async with AsyncStemp(scopes=presets.POS) as client:
        await client.org.get()  # use: org.get
        app.state.stemp = client
        yield {"stemp": client}


app = FastAPI(lifespan=lifespan)
router = APIRouter()


async def get_client() -> AsyncIterator[AsyncStemp]:
    async with AsyncStemp() as client:
        yield client


def get_sync(request: Request) -> Stemp:
    return request.app.state.sync


Client = Annotated[AsyncStemp, Depends(get_client)]


class Stamps:
    def __init__(self, client: Client) -> None:
        self.client = client

    async def add(self, card: str) -> None:
        await self.client.loyalty.add_stamp(card)  # use: loyalty.add_stamp


@app.get("/users/{name}")
async def user(name: str, client: Client) -> str | None:
    return (await client.users.get(name)).email  # use: users.get


@router.post("/stamps/{card}")
async def stamp(card: str, stamps: Annotated[Stamps, Depends()]) -> None:
    await stamps.add(card)
    await stamps.client.loyalty.get_stamps(card)  # use: loyalty.get_stamps


@app.get("/old/{name}")
def old(name: str, client: Stemp = Depends(get_sync)) -> str:
    return client.users.get(name).id  # use: users.get


@app.get("/state")
async def state(request: Request) -> None:
    await request.app.state.stemp.passes.list()  # unsure: passes.list
    client: AsyncStemp = request.state.stemp
    await client.passes.list()  # use: passes.list
